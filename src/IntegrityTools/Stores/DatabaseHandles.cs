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

    /// <summary>Counts a connection to the file that has a name now, until what is returned is disposed of. To be called before the connection takes its first lock.</summary>
    public static IDisposable Connect(string path)
    {
        var key = KeyOf(path);
        if (key is { } known)
        {
            lock (Gate)
            {
                HeldOf(known).Connections++;
            }
        }

        return new Connection(key);
    }

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
    private sealed class Connection(Key? key) : IDisposable
    {
        private Key? counted = key;

        public void Dispose()
        {
            lock (Gate)
            {
                if (counted is { } known)
                {
                    counted = null;
                    HeldOf(known).Connections--;
                    CloseUnneeded();
                }
            }
        }
    }
}
