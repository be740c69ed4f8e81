using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace IntegrityTools.Stores;

/// <summary>Reads addresses of CouchDB databases. By hand, because URL classes resolve dots and unescape what must stay as it is.</summary>
internal static class CouchAddress
{
    public static StoreAddress Parse(string text, string scheme, string rest)
    {
        if (!rest.StartsWith("//", StringComparison.Ordinal))
        {
            throw StoreAddress.Invalid(AddressSecrets.Hide(text), "// is missing after the colon");
        }

        if (rest.AsSpan().IndexOfAny("?#\\") >= 0 || rest.Any(letter => char.IsControl(letter) || letter == ' '))
        {
            // What stands behind ? may be a secret: it is not shown.
            throw StoreAddress.Invalid(text.Split('?', '#')[0], "it holds a space, a backslash, ? or #, which must be escaped with %");
        }

        var slash = rest.IndexOf('/', 2);
        var authority = slash < 0 ? rest[2..] : rest[2..slash];
        var segments = slash < 0 ? [] : rest[(slash + 1)..].Split('/', StringSplitOptions.RemoveEmptyEntries)
            .Select(segment => Unescape(segment, text)).ToList();
        if (segments.Count == 0)
        {
            throw StoreAddress.Invalid(text, "it names no database");
        }

        var at = authority.LastIndexOf('@');
        var user = at > 0 ? Uri.UnescapeDataString(authority[..at]) : null;
        if (user?.Contains(':', StringComparison.Ordinal) == true)
        {
            throw StoreAddress.Invalid(text, "a user's name holds no colon");
        }

        var secure = scheme is "couchdbs" or "https";
        var defaultPort = scheme switch { "couchdb" => 5984, "couchdbs" => 6984, "http" => 80, _ => 443 };
        var (host, port) = SplitHost(authority[(at + 1)..], defaultPort, text);
        var server = string.Create(CultureInfo.InvariantCulture, $"{host}:{port}/")
            + string.Concat(segments.SkipLast(1).Select(segment => Escape(segment) + "/"));
        return new StoreAddress("couchdb", $"{(secure ? "couchdbs" : "couchdb")}://{server}{Escape(segments[^1])}")
        {
            Server = new Uri($"{(secure ? "https" : "http")}://{server}"),
            Database = segments[^1],
            UserName = user,
        };
    }

    private static (string Host, int Port) SplitHost(string text, int defaultPort, string address)
    {
        var close = text.LastIndexOf(']');
        var colon = text.IndexOf(':', close + 1);
        var host = (colon < 0 ? text : text[..colon]).ToLowerInvariant();
        var port = defaultPort;
        if (colon >= 0 && (!int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out port) || port is < 1 or > 65535))
        {
            throw StoreAddress.Invalid(address, "its port is not a number from 1 to 65535");
        }

        if (host.StartsWith('[') && host.EndsWith(']') && IPAddress.TryParse(host[1..^1], out var number)
            && number.AddressFamily == AddressFamily.InterNetworkV6)
        {
            return ($"[{number}]", port);
        }

        return Uri.CheckHostName(host) is UriHostNameType.Dns or UriHostNameType.IPv4
            ? (host, port)
            : throw StoreAddress.Invalid(address, "its host is no name and no IP address (IPv6 stands in brackets)");
    }

    private static string Unescape(string segment, string address)
    {
        var plain = Uri.UnescapeDataString(segment);
        return plain is not ("." or "..") && !plain.Any(char.IsControl)
            ? plain
            : throw StoreAddress.Invalid(address, "a part of its path is '.', '..' or holds a control character");
    }

    // What CouchDB allows in a database's name stays readable, except for the slash.
    private static string Escape(string segment) => Uri.EscapeDataString(segment)
        .Replace("%24", "$", StringComparison.Ordinal)
        .Replace("%28", "(", StringComparison.Ordinal)
        .Replace("%29", ")", StringComparison.Ordinal)
        .Replace("%2B", "+", StringComparison.Ordinal);
}
