using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text.Json;

namespace IntegrityTools.CouchDb.Attachments;

/// <summary>Decodes the base64 of one JSON text, which comes in pieces.</summary>
/// <param name="target">Takes the bytes; before the end their number is a multiple of 3.</param>
internal sealed class Base64Text(Action<ReadOnlySpan<byte>> target)
{
    // What follows may be the padding, with which only the end is decoded.
    private const int KeptBack = 4;
    private readonly byte[] bytes = new byte[48 * 1024];
    private readonly List<byte> escape = [];
    private byte[] rest = [];

    /// <summary>Takes a piece, as it stands between the quotes.</summary>
    /// <exception cref="JsonException">It is no base64.</exception>
    public void Append(ReadOnlySpan<byte> text)
    {
        if (escape.Count == 0 && !text.Contains((byte)'\\'))
        {
            Decode(text);
            return;
        }

        // Some programs write \/ and \u002B: base64 itself has nothing to escape.
        var plain = new List<byte>(text.Length);
        foreach (var letter in text)
        {
            if (escape.Count == 0 && letter != '\\')
            {
                plain.Add(letter);
                continue;
            }

            escape.Add(letter);
            if (escape.Count == 2 && escape[1] != 'u')
            {
                plain.Add(escape[1] == '/' ? escape[1] : (byte)'?');
                escape.Clear();
            }
            else if (escape.Count == 6)
            {
                plain.Add(byte.TryParse(System.Text.Encoding.ASCII.GetString([.. escape[2..]]), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code) ? code : (byte)'?');
                escape.Clear();
            }
        }

        Decode([.. plain]);
    }

    /// <summary>Ends the text.</summary>
    /// <exception cref="JsonException">It is no base64.</exception>
    public void End()
    {
        if (escape.Count > 0 || Base64.DecodeFromUtf8(rest, bytes, out _, out var written) != OperationStatus.Done)
        {
            throw Wrong();
        }

        target(bytes.AsSpan(0, written));
    }

    private void Decode(ReadOnlySpan<byte> text)
    {
        if (rest.Length > 0)
        {
            text = (byte[])[.. rest, .. text];
        }

        while (text.Length >= KeptBack * 2)
        {
            var whole = (text.Length - KeptBack) / 4 * 4;
            var status = Base64.DecodeFromUtf8(text[..whole], bytes, out var consumed, out var written, isFinalBlock: false);
            if (consumed == 0 || status == OperationStatus.InvalidData)
            {
                throw Wrong();
            }

            target(bytes.AsSpan(0, written));
            text = text[consumed..];
        }

        rest = text.ToArray();
    }

    private static JsonException Wrong() => new("the data of an attachment is no base64");
}
