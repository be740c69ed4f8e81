using System.Globalization;
using System.Text;

namespace IntegrityTools.Bench;

/// <summary>A file for <c>curl --config</c>: several requests, one after the other, over one connection of one process.</summary>
internal sealed class CurlConfig(CouchServer server)
{
    private readonly StringBuilder text = new();

    /// <summary>Adds a request.</summary>
    /// <param name="path">The path behind the server's address.</param>
    /// <param name="body">The file that holds the body to POST; null: GET.</param>
    /// <param name="output">The file that takes the answer.</param>
    public CurlConfig Add(string path, string? body, string output)
    {
        if (text.Length > 0)
        {
            text.AppendLine("next");
        }

        text.AppendLine("silent").AppendLine("fail").AppendLine($"user = \"{server.User}:{server.Password}\"")
            .AppendLine($"url = \"{server.Address}{path}\"").AppendLine($"output = \"{output}\"");
        if (body is not null)
        {
            text.AppendLine("header = \"Content-Type: application/json\"").AppendLine($"data-binary = \"@{body}\"");
        }

        return this;
    }

    /// <summary>Writes the file and returns the command that runs it.</summary>
    /// <param name="file">The file.</param>
    /// <param name="lanes">How many requests are under way at one time.</param>
    public Command Save(string file, int lanes = 1)
    {
        File.WriteAllText(file, text.ToString());
        return new Command(
            "curl", lanes == 1 ? ["--config", file] : ["--parallel", "--parallel-immediate", "--parallel-max", lanes.ToString(CultureInfo.InvariantCulture), "--config", file]);
    }
}
