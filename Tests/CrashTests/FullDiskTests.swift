import FleetSupport
import Foundation
import Testing

/// A disk without room and a folder that may not be written, as the command line tells of them; afterwards the store opens.
@Suite("No room, no permission", .serialized)
struct FullDiskTests {
    /// Runs a script of the shell; gives its exit code and what it printed.
    private static func shell(_ script: String, _ arguments: [String] = []) throws -> (code: Int32, text: String) {
        let process = Process(), pipe = Pipe()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", script, "sh"] + arguments
        process.environment = ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LIMN_LANG": "en", "LIMN_AUTHOR": "anna", "TMPDIR": "/tmp"]
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let text = String(decoding: try pipe.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        process.waitUntilExit()
        return (process.terminationStatus, text)
    }

    /// Whether a small disk in memory can be made for a script alone.
    private static let canMount = (try? shell("unshare --user --map-root-user --mount sh -c 'mount -t tmpfs -o size=1m none /mnt'"))?.code == 0

    /// A script in which /mnt is a disk of three MiB; `limn` runs the program on the node there.
    private func onSmallDisk(_ script: String) throws -> String {
        let folder = try TestFolder()
        let whole = """
            set -u
            mount -t tmpfs -o size=3m none /mnt
            export XDG_STATE_HOME=\(folder.path)/state
            limn() { '\(LimnProcess.path)' --home /mnt/node --no-input "$@"; echo "code $?"; }
            \(script)
            """
        return try Self.shell("exec unshare --user --map-root-user --mount sh -c \"$1\"", [whole]).text
    }

    @Test(.enabled("no disk can be made here: a full one is not tried") { canMount })
    func aFullDiskIsNamedAndTheStoreOpensAfterwards() throws {
        let folder = try TestFolder()
        let table = try folder.file("c.csv", "external_id,name,address\n" + (0..<30_000).map { "\($0),客户\($0),\($0) 南京东路\n" }.joined())
        let text = try onSmallDisk("""
            limn init --name node
            limn add person name=张伟
            echo FILLING
            limn import \(table) --source erp
            dd if=/dev/zero of=/mnt/rest bs=4k 2>/dev/null
            limn edit 张伟 city=上海
            limn add person "name=$(printf '%2000s' x)"
            limn add person "name=$(printf '%2000s' x)"
            limn backup /mnt/backup.sqlite
            limn status
            echo FREEING
            rm /mnt/rest
            limn doctor --json | grep -o '"name":"[a-z.]*integrity","ok":[a-z]*\\|"ok":[a-z]*,"name":"[a-z.]*integrity"' || true
            limn find 张伟 --limit 1
            limn add person name=李娜
            """)
        let parts = text.components(separatedBy: "FILLING"), rest = parts.last!.components(separatedBy: "FREEING")
        #expect(parts.count == 2 && !parts[0].contains("disk"), "\(text)")
        #expect(rest.count == 2 && rest[0].contains("The disk is full"), "\(text)")
        #expect(rest[0].contains("code 74") && !rest[0].contains("code 70"), "\(text)")
        #expect(rest[1].contains("张伟") && rest[1].hasSuffix("code 0\n") && !rest[1].contains("disk is full"), "\(text)")
    }

    @Test(.enabled("no disk can be made here: a full one is not tried") { canMount })
    func aStoreThatFindsNoRoomIsFoundedLater() throws {
        let text = try onSmallDisk("""
            dd if=/dev/zero of=/mnt/rest bs=4k 2>/dev/null
            limn init --name node
            echo FREEING
            rm /mnt/rest
            limn init --name node
            limn status
            """).components(separatedBy: "FREEING")
        #expect(text.count == 2 && (text[0].contains("code 74") || text[0].contains("code 73")), "\(text)")
        #expect(text.last?.components(separatedBy: "code 0").count == 3, "\(text)")
    }

    /// Root may write everywhere: tests that run as root run the program as somebody else.
    private static let asSomebody = geteuid() != 0 ? "" : "setpriv --reuid=65534 --regid=65534 --clear-groups"
    private static let canBeSomebody: Bool = {
        guard geteuid() == 0 else { return true }
        return (try? shell("\(asSomebody) '\(LimnProcess.path)' --version"))?.code == 0
    }()

    @Test(.enabled("the program cannot be run as somebody else than root here: a read-only folder is not tried") { canBeSomebody })
    func aReadOnlyFolderIsNamed() throws {
        let folder = try TestFolder(), home = folder["node"]
        #expect(try LimnProcess.run(home: home, "init", "--name", "node").code == 0)
        #expect(try LimnProcess.run(home: home, "add", "person", "name=张伟").code == 0)
        _ = try Self.shell("chmod 755 '\(folder.path)'; chmod -R a+rX,a-w '\(home)'")
        defer { _ = try? Self.shell("chmod -R u+w '\(home)'") }
        func limn(_ arguments: String) throws -> (code: Int32, text: String) {
            try Self.shell("XDG_STATE_HOME=/nonexistent \(Self.asSomebody) '\(LimnProcess.path)' --home '\(home)' --no-input \(arguments)")
        }
        let edit = try limn("add person name=李娜")
        #expect(edit.code == 77 && edit.text.contains("may not be written"), "\(edit)")
        let new = try Self.shell("\(Self.asSomebody) '\(LimnProcess.path)' --home '\(home)/inner' --no-input init --name other")
        #expect(new.code == 73 || new.code == 77, "\(new)")
        #expect(!new.text.contains("Fatal"), "\(new)")
        let backup = try Self.shell("\(Self.asSomebody) '\(LimnProcess.path)' --home '\(home)' --no-input backup '\(home)/b.sqlite'")
        #expect([73, 77].contains(backup.code), "\(backup)")
        _ = try Self.shell("chmod -R u+w '\(home)'")
        #expect(try LimnProcess.data(home: home, "status")["customers"] as? Int == 1)
    }
}
