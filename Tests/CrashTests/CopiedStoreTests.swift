import FleetSupport
import Foundation
import Testing

/// The real program on stores that were copied or put back.
@Suite("The program's store is copied")
struct CopiedStoreTests {
    private static let files = ["limn.sqlite", "limn.sqlite-wal"]

    private func contents(_ home: String) throws -> [String: Data] {
        var contents: [String: Data] = [:]
        for name in CopiedStoreTests.files { contents[name] = try? Data(contentsOf: URL(fileURLWithPath: home + "/" + name)) }
        return contents
    }

    /// Puts contents back into the very files, so that neither device nor inode nor path are others.
    private func putBack(_ contents: [String: Data], _ home: String) throws {
        try? FileManager.default.removeItem(atPath: home + "/limn.sqlite-shm")
        for name in CopiedStoreTests.files {
            guard let data = contents[name] else {
                try? FileManager.default.removeItem(atPath: home + "/" + name)
                continue
            }
            let file = try FileHandle(forWritingTo: URL(fileURLWithPath: home + "/" + name))
            try file.truncate(atOffset: 0)
            try file.write(contentsOf: data)
            try file.close()
        }
    }

    private func lives(_ home: String) throws -> [String] {
        try #require(LimnProcess.data(home: home, "identity")["lives"] as? [[String: Any]]).compactMap { $0["reason"] as? String }
    }

    @Test func aStorePutBackInItsPlaceBeginsALifeAndSaysSo() throws {
        let folder = try TestFolder(), home = folder["node"]
        #expect(try LimnProcess.run(home: home, "init", "--name", "node").code == 0)
        let id = try #require(try LimnProcess.data(home: home, "add", "person", "name=张伟")["id"] as? String)
        let lastWeek = try contents(home)
        #expect(try LimnProcess.run(home: home, "edit", id, "city=上海").code == 0)
        try putBack(lastWeek, home)
        let edit = try LimnProcess.run(home: home, "edit", id, "city=北京")
        #expect(edit.code == 0 && edit.errors.contains("new origin") && edit.errors.contains(ProcessInfo.processInfo.hostName), "\(edit.errors)")
        #expect(try lives(home) == ["founded", "behind"])
        #expect(try !LimnProcess.run(home: home, "edit", id, "city=广州").errors.contains("new origin"))
        let doctor = try LimnProcess.run(home: home, "doctor")
        #expect(doctor.code == 1 && doctor.output.contains("copy"))
        #expect(try LimnProcess.run(home: home, "identity", "renew").code == 0)
        #expect(try LimnProcess.run(home: home, "doctor").code == 0)
    }

    /// No witness, no sign of another machine: the office knows.
    @Test func aStorePutBackWithItsWitnessIsFoundByItsNeighbour() throws {
        let folder = try TestFolder(), office = folder["office"], laptop = folder["laptop"]
        #expect(try LimnProcess.run(home: office, "init", "--name", "office").code == 0)
        let token = try folder.file("token", try LimnProcess.run(home: office, "peer", "token", "laptop").output)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: token)
        let server = try LimnProcess(home: office, ["serve", "--listen", "127.0.0.1:0"])
        defer {
            server.signal(SIGTERM)
            _ = server.wait()
        }
        let joined = try LimnProcess.run(home: laptop, "init", "--name", "laptop", "--join", server.firstLine(), "--token-file", token)
        #expect(joined.code == 0, "\(joined.errors)")
        let id = try #require(try LimnProcess.data(home: laptop, "add", "person", "name=张伟")["id"] as? String)
        #expect(try LimnProcess.run(home: laptop, "sync").code == 0)
        let lastWeek = try contents(laptop)
        #expect(try LimnProcess.run(home: laptop, "edit", id, "city=上海").code == 0)
        #expect(try LimnProcess.run(home: laptop, "sync").code == 0)
        try putBack(lastWeek, laptop)
        let state = folder["another-state"]
        let edit = try LimnProcess(home: laptop, ["edit", id, "title=经理"], state: state).wait()
        #expect(edit.code == 0 && !edit.errors.contains("new origin"))
        let sync = try LimnProcess(home: laptop, ["sync"], state: state).wait()
        #expect(sync.code == 0 && sync.errors.contains("copied or put back"), "\(sync.errors)")
        #expect(sync.errors.contains(ProcessInfo.processInfo.hostName))
        #expect(try LimnProcess(home: laptop, ["sync"], state: state).wait().errors.isEmpty)
        for home in [laptop, office] {
            let shown = try LimnProcess.data(home: home, "show", id)["fields"] as? [String: [String: Any]]
            #expect(shown?["city"]?["value"] as? String == "上海" && shown?["title"]?["value"] as? String == "经理", "\(home)")
        }
        let digests = try [laptop, office].map { try LimnProcess.data(home: $0, "status")["digest"] as? String }
        #expect(digests[0] != nil && digests[0] == digests[1])
    }

    @Test func aBackupIsRestoredIntoALifeOfItsOwn() throws {
        let folder = try TestFolder(), home = folder["node"], file = folder["backup.limn"]
        #expect(try LimnProcess.run(home: home, "init", "--name", "node").code == 0)
        let id = try #require(try LimnProcess.data(home: home, "add", "person", "name=张伟")["id"] as? String)
        let made = try LimnProcess.data(home: home, "backup", file)
        #expect(try LimnProcess.run(home: home, "edit", id, "city=上海").code == 0)
        let verified = try LimnProcess.data(home: home, "backup", "verify", file)
        let restored = try LimnProcess.data(home: home, "backup", "restore", file)
        for data in [made, verified, restored] {
            #expect(data["customers"] as? Int == 1 && data["digest"] as? String == made["digest"] as? String)
        }
        #expect(verified["origin"] as? String == made["origin"] as? String && restored["origin"] as? String != made["origin"] as? String)
        #expect(try lives(home) == ["founded", "restored"])
        let edit = try LimnProcess.run(home: home, "edit", id, "city=北京")
        #expect(edit.code == 0 && !edit.errors.contains("new origin"))
    }
}
