using System.Globalization;

namespace IntegrityTools.CouchDb.Schemas;

/// <summary>References between schemas, resolved as RFC 3986 says (section 5.2); names such as <c>urn:…</c> included.</summary>
internal static class SchemaUri
{
    /// <summary>Resolves a reference against a base.</summary>
    public static string Resolve(string baseUri, string reference)
    {
        var relative = Parts.Of(reference);
        if (relative.Scheme is not null)
        {
            return (relative with { Path = WithoutDots(relative.Path) }).ToString();
        }

        var start = Parts.Of(baseUri);
        var (authority, path, query) = relative.Authority is not null
            ? (relative.Authority, WithoutDots(relative.Path), relative.Query)
            : relative.Path.Length == 0
                ? (start.Authority, start.Path, relative.Query ?? start.Query)
                : (start.Authority, WithoutDots(relative.Path[0] == '/' ? relative.Path : Merge(start, relative.Path)), relative.Query);
        return new Parts(start.Scheme, authority, path, query, relative.Fragment).ToString();
    }

    /// <summary>Parts a URI from its fragment, which is unescaped; null: it has none.</summary>
    public static (string Uri, string? Fragment) Split(string uri)
    {
        var hash = uri.IndexOf('#', StringComparison.Ordinal);
        return hash < 0 ? (uri, null) : (uri[..hash], Uri.UnescapeDataString(uri[(hash + 1)..]));
    }

    private static string Merge(Parts start, string path) =>
        start.Authority is not null && start.Path.Length == 0 ? "/" + path : start.Path[..(start.Path.LastIndexOf('/') + 1)] + path;

    private static string WithoutDots(string path)
    {
        if (!path.Contains('.', StringComparison.Ordinal))
        {
            return path;
        }

        var kept = new List<string>();
        var steps = path.Split('/');
        for (var index = 0; index < steps.Length; index++)
        {
            var last = index == steps.Length - 1;
            if (steps[index] == "..")
            {
                if (kept.Count > 1 || (kept.Count == 1 && kept[0].Length > 0))
                {
                    kept.RemoveAt(kept.Count - 1);
                }
            }
            else if (steps[index] != ".")
            {
                kept.Add(steps[index]);
                continue;
            }

            if (last)
            {
                kept.Add(string.Empty);
            }
        }

        return string.Join('/', kept);
    }

    private sealed record Parts(string? Scheme, string? Authority, string Path, string? Query, string? Fragment)
    {
        public static Parts Of(string uri)
        {
            string? fragment = null, query = null, scheme = null, authority = null;
            if (uri.IndexOf('#', StringComparison.Ordinal) is var hash and >= 0)
            {
                (uri, fragment) = (uri[..hash], uri[(hash + 1)..]);
            }

            if (uri.IndexOf('?', StringComparison.Ordinal) is var mark and >= 0)
            {
                (uri, query) = (uri[..mark], uri[(mark + 1)..]);
            }

            var colon = uri.AsSpan().IndexOfAny(':', '/');
            if (colon > 0 && uri[colon] == ':')
            {
                (scheme, uri) = (uri[..colon].ToLower(CultureInfo.InvariantCulture), uri[(colon + 1)..]);
            }

            if (uri.StartsWith("//", StringComparison.Ordinal))
            {
                var end = uri.IndexOf('/', 2);
                (authority, uri) = end < 0 ? (uri[2..], string.Empty) : (uri[2..end], uri[end..]);
            }

            return new Parts(scheme, authority, uri, query, fragment);
        }

        public override string ToString() => string.Concat(
            Scheme is null ? null : Scheme + ":", Authority is null ? null : "//" + Authority, Path + (Query is null ? null : "?" + Query),
            Fragment is null ? null : "#" + Fragment);
    }
}
