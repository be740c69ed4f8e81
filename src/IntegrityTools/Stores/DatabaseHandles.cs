using Microsoft.Win32.SafeHandles;

namespace IntegrityTools.Stores;

/// <summary>
/// The handles by which this process reads databases' files beside SQLite. POSIX drops all locks that a process has on a file as soon as it closes any descriptor of it, also those of
/// SQLite's connections (https://sqlite.org/howtocorrupt.html, 2.2): another process could then write under a reader, or remove the log of a writer. SQLite puts off its own closing
/// for that reason, and so it is done here: while a connection of this process is open on a file, its handles are kept, lent again, and closed with the last connection. Nothing
/// waits. On Windows locks belong to handles, and none is kept.
/// </summary>
internal static class DatabaseHandles
{
    private static readonly Lock Gate = new();
    private static readonly Dictionary<Key, Held> Known = [];
    private static readonly AsyncLocal<Action<int>?> Watcher = new();

    /// <summary>For tests: told of each connection how many this process has open on its file.</summary>
    internal static Action<int>? Connected
    {
        get => Watcher.Value;
        set => Watcher.Value = value;
    }

    /// <summary>Opens a database's file to read it, whoever else writes to it.</summary>
    /// <exception cref="IOException">It is not there, or cannot be read; so does <see cref="UnauthorizedAccessException"/>.</exception>
    public static DatabaseStream Open(string path)
    {
        // By its number only: the kept handle keeps that from being given to another file.
        if (KeyOf(path) is { Path: null } known)
        {
            lock (Gate)
            {
                if (Known.TryGetValue(known, out var held) && held.Kept.TryPop(out var kept))
                {
                    return new DatabaseStream(kept, () => TakeBack(kept, known));
                }
            }
        }

        var handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var key = KeyOf(path, handle);
        return new DatabaseStream(handle, () => TakeBack(handle, key));
    }

    /// <summary>Counts a connection that is about to be opened, until what is returned is disposed of.</summary>
    public static Connection Connect(string path) => new(path);

    private static void TakeBack(SafeFileHandle handle, Key? key)
    {
        if (key is not { } known)
        {
            handle.Dispose();
            return;
        }

        lock (Gate)
        {
            HeldOf(known).Kept.Push(handle);
            CloseUnneeded();
        }
    }

    /// <summary>Closes what would drop nobody's lock: not a file's that this process has locked through another owner of SQLite's connections, such as a program that embeds the engine.</summary>
    private static void CloseUnneeded()
    {
        IReadOnlySet<ulong>? locked = null;
        foreach (var (key, held) in Known.Where(entry => entry.Value.Connections == 0))
        {
            if (held.Kept.Count > 0 && (locked ??= OwnLocks.Inodes()).Contains(key.Inode))
            {
                continue;
            }

            foreach (var handle in held.Kept)
            {
                handle.Dispose();
            }

            Known.Remove(key);
        }
    }

    private static Held HeldOf(Key key)
    {
        if (!Known.TryGetValue(key, out var held))
        {
            Known.Add(key, held = new Held());
        }

        return held;
    }

    private static Key? KeyOf(string path, SafeFileHandle? opened = null) =>
        OperatingSystem.IsWindows() ? null
        : !OperatingSystem.IsLinux() ? new Key(0, 0, Path.GetFullPath(path))
        : (opened is null ? FileIdentity.Of(path) : FileIdentity.Of(opened)) is { } file ? new Key(file.Inode, file.Device, null)
        : null;

    /// <summary>A file: by its number on Linux, whatever its names; elsewhere by its path.</summary>
    private readonly record struct Key(ulong Inode, ulong Device, string? Path);

    /// <summary>What this process has of a file.</summary>
    private sealed class Held
    {
        public int Connections { get; set; }

        public Stack<SafeFileHandle> Kept { get; } = [];
    }

    /// <summary>A connection that is counted.</summary>
    internal sealed class Connection : IDisposable
    {
        private readonly string path;
        private readonly HashSet<Key> counted = [];

        public Connection(string path)
        {
            this.path = path;
            Opened();
        }

        /// <summary>To be called once it is open, before it takes a lock: the opening may have made the file, or another may have taken its name meanwhile. Then both count.</summary>
        public void Opened()
        {
            if (KeyOf(path) is not { } key)
            {
                return;
            }

            lock (Gate)
            {
                if (counted.Add(key))
                {
                    var open = ++HeldOf(key).Connections;
                    Watcher.Value?.Invoke(open);
                }
            }
        }

        /// <inheritdoc/>
        public void Dispose()
        {
            lock (Gate)
            {
                foreach (var key in counted)
                {
                    HeldOf(key).Connections--;
                }

                counted.Clear();
                CloseUnneeded();
            }
        }
    }
}
