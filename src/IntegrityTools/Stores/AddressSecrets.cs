using IntegrityTools.Model;

namespace IntegrityTools.Stores;

/// <summary>Refuses addresses that hold a password, without showing it.</summary>
internal static class AddressSecrets
{
    public static void Refuse(string text)
    {
        var shown = Redact(text);
        if (shown != text)
        {
            throw new IntegrityException(
                ErrorIds.PasswordInAddress,
                $"The address {shown} holds a password, and addresses are shown and recorded.",
                shown,
                "Leave the password out; give it with a credential, with password_file or password_environment of the store in "
                    + "integrity.yaml, or in the environment variable INTEGRITY_PASSWORD.");
        }
    }

    /// <summary>What is no right address, with *** for all between its first colon and its last @: a password stands there when the slashes were forgotten.</summary>
    public static string Hide(string text)
    {
        var (colon, at) = (text.IndexOf(':', StringComparison.Ordinal), text.LastIndexOf('@'));
        return colon >= 0 && colon < at ? string.Concat(text.AsSpan(0, colon + 1), "***", text.AsSpan(at)) : text;
    }

    /// <summary>The address with *** for what may be a password: all from the first colon of a server's part to its last @.</summary>
    public static string Redact(string text)
    {
        for (var from = 0; text.IndexOf("://", from, StringComparison.Ordinal) is >= 0 and var scheme;)
        {
            var begin = scheme + 3;

            // Not only up to the first slash: a password that was not escaped may hold one.
            var next = text.IndexOf("://", begin, StringComparison.Ordinal);
            var end = next < 0 ? text.Length : next;
            var at = text.LastIndexOf('@', end - 1, end - begin);
            var colon = at < 0 ? -1 : text.IndexOf(':', begin, at - begin);
            if (colon >= 0)
            {
                text = string.Concat(text.AsSpan(0, colon + 1), "***", text.AsSpan(at));
                begin = colon + 4;
            }

            from = begin;
        }

        return text;
    }
}
