using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using IntegrityTools.Sqlite;

namespace IntegrityTools.Tests.Engines;

/// <summary>
/// Sits between SQLite and the file system: notes every write, truncation, flush and removal of files in one folder, in their order, and makes one of them fail when told
/// to. A SQLite VFS is the same on every system and needs neither a tracer nor a compiler; and it sees what SQLite asks for, before a cache can put it in another
/// order. Where another library than the bundled one is loaded there is none.
/// </summary>
internal sealed unsafe partial class SqliteTap : IDisposable
{
    private const int OpenAt = 40;
    private const int DeleteAt = 48;
    private const int CloseAt = 8;
    private const int WriteAt = 24;
    private const int TruncateAt = 32;
    private const int SyncAt = 40;
    private const int MethodsSize = 152;

    private static readonly ConcurrentDictionary<nint, string> Files = [];
    private static readonly ConcurrentDictionary<nint, nint> Patched = [];
    private static readonly ConcurrentDictionary<nint, nint> Originals = [];
    private static SqliteTap? active;
    private static nint originalOpen;
    private static nint originalDelete;

    private readonly string folder;
    private readonly nint vfs;
    private readonly List<SqliteWrite> steps = [];
    private int failAt = -1;
    private int failure;

    public SqliteTap(string folder)
    {
        SqliteRuntime.Initialize();
        Skip.IfNot(SqliteRuntime.Source == "bundled" && nint.Size == 8, "another SQLite is loaded than the bundled one");
        this.folder = folder;
        vfs = Find(null);
        originalOpen = *(nint*)(vfs + OpenAt);
        originalDelete = *(nint*)(vfs + DeleteAt);
        Assert.Null(Interlocked.Exchange(ref active, this));
        *(nint*)(vfs + OpenAt) = (nint)(delegate* unmanaged[Cdecl]<nint, byte*, nint, int, int*, int>)&Open;
        *(nint*)(vfs + DeleteAt) = (nint)(delegate* unmanaged[Cdecl]<nint, byte*, int, int>)&Delete;
    }

    /// <summary>What was asked for so far.</summary>
    public IReadOnlyList<SqliteWrite> Steps
    {
        get
        {
            lock (steps)
            {
                return [.. steps];
            }
        }
    }

    /// <summary>Makes every step from that one on fail, as on a disk that is full or broken; negative: none.</summary>
    public void FailFrom(int step, int code) => (failAt, failure) = (step, code);

    /// <summary>Notes a moment of the test itself.</summary>
    public void Mark(string what) => Note(new SqliteWrite(SqliteWriteKind.Mark, what, 0, []));

    public void Dispose()
    {
        *(nint*)(vfs + OpenAt) = originalOpen;
        *(nint*)(vfs + DeleteAt) = originalDelete;
        Interlocked.Exchange(ref active, null);
    }

    private bool Note(SqliteWrite step)
    {
        lock (steps)
        {
            steps.Add(step);
            return step.Kind == SqliteWriteKind.Mark || failAt < 0 || steps.Count(known => known.Kind != SqliteWriteKind.Mark) <= failAt;
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Open(nint vfs, byte* name, nint file, int flags, int* outFlags)
    {
        var code = ((delegate* unmanaged[Cdecl]<nint, byte*, nint, int, int*, int>)originalOpen)(vfs, name, file, flags, outFlags);
        var path = name is null ? null : Marshal.PtrToStringUTF8((nint)name);
        if (code == 0 && path is not null && active is { } tap && path.StartsWith(tap.folder, StringComparison.Ordinal))
        {
            var methods = *(nint*)file;
            Files[file] = path;
            *(nint*)file = Patched.GetOrAdd(methods, Patch);
        }

        return code;
    }

    private static nint Patch(nint methods)
    {
        var patched = Marshal.AllocHGlobal(MethodsSize);
        Buffer.MemoryCopy((void*)methods, (void*)patched, MethodsSize, MethodsSize);
        *(nint*)(patched + CloseAt) = (nint)(delegate* unmanaged[Cdecl]<nint, int>)&Close;
        *(nint*)(patched + WriteAt) = (nint)(delegate* unmanaged[Cdecl]<nint, byte*, int, long, int>)&Write;
        *(nint*)(patched + TruncateAt) = (nint)(delegate* unmanaged[Cdecl]<nint, long, int>)&Truncate;
        *(nint*)(patched + SyncAt) = (nint)(delegate* unmanaged[Cdecl]<nint, int, int>)&Sync;
        Originals[patched] = methods;
        return patched;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Delete(nint vfs, byte* name, int syncFolder)
    {
        var path = Marshal.PtrToStringUTF8((nint)name)!;
        return active is { } tap && path.StartsWith(tap.folder, StringComparison.Ordinal) && !tap.Note(new SqliteWrite(SqliteWriteKind.Delete, path, 0, []))
            ? tap.failure
            : ((delegate* unmanaged[Cdecl]<nint, byte*, int, int>)originalDelete)(vfs, name, syncFolder);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Close(nint file)
    {
        var original = Original(file, CloseAt);
        Files.TryRemove(file, out _);
        return ((delegate* unmanaged[Cdecl]<nint, int>)original)(file);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Write(nint file, byte* data, int count, long offset) =>
        active is { } tap && !tap.Note(new SqliteWrite(SqliteWriteKind.Write, Files[file], offset, new ReadOnlySpan<byte>(data, count).ToArray()))
            ? tap.failure
            : ((delegate* unmanaged[Cdecl]<nint, byte*, int, long, int>)Original(file, WriteAt))(file, data, count, offset);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Truncate(nint file, long size) =>
        active is { } tap && !tap.Note(new SqliteWrite(SqliteWriteKind.Truncate, Files[file], size, []))
            ? tap.failure
            : ((delegate* unmanaged[Cdecl]<nint, long, int>)Original(file, TruncateAt))(file, size);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Sync(nint file, int flags) =>
        active is { } tap && !tap.Note(new SqliteWrite(SqliteWriteKind.Sync, Files[file], 0, []))
            ? tap.failure
            : ((delegate* unmanaged[Cdecl]<nint, int, int>)Original(file, SyncAt))(file, flags);

    private static nint Original(nint file, int at) => *(nint*)(Originals[*(nint*)file] + at);

    [LibraryImport("e_sqlite3", EntryPoint = "sqlite3_vfs_find")]
    private static partial nint Find(byte* name);
}
