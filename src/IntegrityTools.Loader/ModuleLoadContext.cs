using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Loader;

namespace IntegrityTools.Loader;

/// <summary>
/// Holds the engine and everything it depends on apart from the rest of the session: another module's YamlDotNet or SQLite is neither
/// used nor disturbed.
/// </summary>
public sealed class ModuleLoadContext : AssemblyLoadContext
{
    private const string ModuleAssembly = "IntegrityTools.PowerShell.dll";

    private static readonly Lazy<ModuleLoadContext> Instance = new(() => new ModuleLoadContext(
        Path.Combine(Path.GetDirectoryName(typeof(ModuleLoadContext).Assembly.Location)!, "engine")));

    private readonly string folder;

    private ModuleLoadContext(string folder)
        : base("IntegrityTools", isCollectible: false) => this.folder = folder;

    /// <summary>The assembly that holds the cmdlets, loaded once a process.</summary>
    /// <exception cref="FileNotFoundException">The module's folder is incomplete.</exception>
    public static Assembly LoadModule() => Instance.Value.LoadFromAssemblyPath(Path.Combine(Instance.Value.folder, ModuleAssembly));

    /// <inheritdoc/>
    protected override Assembly? Load(AssemblyName assemblyName)
    {
        ArgumentNullException.ThrowIfNull(assemblyName);

        // What does not lie here, such as PowerShell itself and .NET, is everybody's: null hands it to the default context.
        var path = Path.Combine(folder, assemblyName.Name + ".dll");
        return File.Exists(path) ? LoadFromAssemblyPath(path) : null;
    }

    /// <inheritdoc/>
    protected override nint LoadUnmanagedDll(string unmanagedDllName)
    {
        ArgumentNullException.ThrowIfNull(unmanagedDllName);
        var path = NativeFolders()
            .SelectMany(native => NativeNames(unmanagedDllName).Select(name => Path.Combine(native, name)))
            .FirstOrDefault(File.Exists);
        return path is null ? nint.Zero : LoadUnmanagedDllFromPath(path);
    }

    private static IEnumerable<string> NativeNames(string name) =>
        OperatingSystem.IsWindows() ? [name, name + ".dll"]
        : OperatingSystem.IsMacOS() ? [$"lib{name}.dylib", name + ".dylib", name]
        : [$"lib{name}.so", name + ".so", name];

    private IEnumerable<string> NativeFolders()
    {
        var architecture = RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant();
        var system = OperatingSystem.IsWindows() ? "win" : OperatingSystem.IsMacOS() ? "osx" : "linux";

        // On a musl system the library built for glibc is there too, and does not load. Alpine's own .NET names the distribution.
        var runtime = RuntimeInformation.RuntimeIdentifier;
        var musl = runtime.Contains("musl", StringComparison.Ordinal) || runtime.StartsWith("alpine", StringComparison.Ordinal);
        return [Path.Combine(folder, "runtimes", $"{system}{(musl ? "-musl" : "")}-{architecture}", "native"), folder];
    }
}
