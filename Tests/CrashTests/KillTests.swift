import FleetSupport
import Foundation
import MergeVectors
import ProfileStore
import Testing

/// The real program killed at random moments: what it acknowledged is there, the store is whole, and the next run goes on.
@Suite("The program is killed")
struct KillTests {
    private func customers(_ count: Int, city: String = "上海") -> String {
        "external_id,name,phone,city\n" + (0..<count).map { "\($0),客户\($0),138\(10_000_000 + $0),\(city)\n" }.joined()
    }

    /// Pauses for a random part of `milliseconds`.
    private func pause(_ random: inout SplitMix64, milliseconds: Int) {
        Thread.sleep(forTimeInterval: Double(random.below(milliseconds * 10)) / 10_000)
    }

    private func isWhole(_ home: String) throws -> Bool {
        let store = try ProfileStore.open(at: home)
        return try store.read { try $0.integrityProblems().isEmpty && $0.sumsHold() }
    }

    @Test func anImportGoesOnWhereItWasKilled() throws {
        let folder = try TestFolder(), home = folder["node"]
        let table = try folder.file("customers.csv", customers(12_000))
        #expect(try LimnProcess.run(home: home, "init", "--name", "node").code == 0)
        try TestSeed.forEach(60) { random in
            let run = try LimnProcess(home: home, ["import", table, "--source", "erp"])
            pause(&random, milliseconds: 1_500)
            run.signal(SIGKILL)
            _ = run.wait()
            let isSound = try isWhole(home)
            #expect(isSound, "LIMN_SEED=\(TestSeed.value)")
        }
        let last = try LimnProcess.data(home: home, "import", table, "--source", "erp")
        #expect(last["rows"] as? Int == 12_000)
        #expect((last["created"] as? Int ?? -1) + (last["unchanged"] as? Int ?? -1) == 12_000)
        let again = try LimnProcess.data(home: home, "import", table, "--source", "erp")
        #expect(again["unchanged"] as? Int == 12_000)
        #expect(try LimnProcess.data(home: home, "status")["customers"] as? Int == 12_000)
        #expect(try isWhole(home))
    }

    @Test func anInterruptedImportSaysSoAndGoesOn() throws {
        let folder = try TestFolder(), home = folder["node"]
        let table = try folder.file("customers.csv", customers(40_000))
        #expect(try LimnProcess.run(home: home, "init", "--name", "node").code == 0)
        let run = try LimnProcess(home: home, ["import", table, "--source", "erp"])
        Thread.sleep(forTimeInterval: 0.7)
        run.signal(SIGINT)
        let result = run.wait()
        #expect(result.code == 130 || result.code == 0, "\(result.code) \(result.errors)")
        #expect(result.code == 0 || result.output.isEmpty)
        #expect(try LimnProcess.data(home: home, "import", table, "--source", "erp")["rejected"] as? Int == 0)
        #expect(try LimnProcess.data(home: home, "status")["customers"] as? Int == 40_000)
    }

    @Test func anAcknowledgedEditOutlivesEveryKill() throws {
        let folder = try TestFolder(), home = folder["node"]
        #expect(try LimnProcess.run(home: home, "init", "--name", "node").code == 0)
        let id = try LimnProcess.data(home: home, "add", "person", "name=张伟")["id"] as? String ?? ""
        var acknowledged = 0
        try TestSeed.forEach(120) { random in
            let number = acknowledged + 1
            let run = try LimnProcess(home: home, ["edit", id, "title=\(number)"])
            pause(&random, milliseconds: 180)
            run.signal(SIGKILL)
            if run.wait().code == 0 { acknowledged = number }
            let fields = try LimnProcess.data(home: home, "show", id)["fields"] as? [String: Any]
            let shown = Int((fields?["title"] as? [String: Any])?["value"] as? String ?? "0") ?? -1
            #expect(shown == acknowledged || shown == number, "LIMN_SEED=\(TestSeed.value)")
            acknowledged = max(acknowledged, shown)
        }
        #expect(try isWhole(home))
    }

    @Test func aSyncGoesOnWhereEitherEndWasKilled() throws {
        let folder = try TestFolder(), laptop = folder["laptop"], branch = folder["branch"]
        #expect(try LimnProcess.run(home: branch, "init", "--name", "branch").code == 0)
        #expect(try LimnProcess.run(home: branch, "import", folder.file("branch.csv", customers(6_000)), "--source", "erp").code == 0)
        let token = try folder.file("token", LimnProcess.run(home: branch, "peer", "token", "laptop").output)
        var server = try LimnProcess(home: branch, ["serve", "--listen", "127.0.0.1:0"])
        defer { server.signal(SIGKILL) }
        let url = server.firstLine()
        #expect(try LimnProcess.run(home: laptop, "init", "--name", "laptop", "--join", url, "--token-file", token).code == 0)
        #expect(try LimnProcess.run(home: laptop, "import", folder.file("laptop.csv", customers(9_000, city: "杭州")), "--source", "crm").code == 0)
        let port = url.split(separator: ":").last.map(String.init) ?? "0"
        try TestSeed.forEach(60) { random in
            let run = try LimnProcess(home: laptop, ["sync"])
            pause(&random, milliseconds: 1_200)
            if random.chance(50) {
                run.signal(SIGKILL)
                _ = run.wait()
            } else {
                server.signal(SIGKILL)
                _ = server.wait()
                _ = run.wait()
                server = try LimnProcess(home: branch, ["serve", "--listen", "127.0.0.1:\(port)"])
                _ = server.firstLine()
            }
        }
        for _ in 0..<2 { #expect(try LimnProcess.run(home: laptop, "sync").code == 0) }
        server.signal(SIGTERM)
        #expect(server.wait().code == 0)
        let digests = try [laptop, branch].map { try LimnProcess.data(home: $0, "status")["digest"] as? String }
        #expect(digests[0] != nil && digests[0] == digests[1])
        #expect(try LimnProcess.data(home: laptop, "status")["customers"] as? Int == 15_000)
        #expect(try isWhole(laptop) && isWhole(branch))
    }

    @Test func aBackupIsWholeOrNotThere() throws {
        let folder = try TestFolder(), home = folder["node"], file = folder["backup.sqlite"]
        #expect(try LimnProcess.run(home: home, "init", "--name", "node").code == 0)
        #expect(try LimnProcess.run(home: home, "import", folder.file("c.csv", customers(4_000)), "--source", "erp").code == 0)
        try TestSeed.forEach(40) { random in
            try? FileManager.default.removeItem(atPath: file)
            let run = try LimnProcess(home: home, ["backup", file])
            pause(&random, milliseconds: 120)
            run.signal(SIGKILL)
            let isDone = run.wait().code == 0
            if isDone || FileManager.default.fileExists(atPath: file) {
                #expect(try ProfileStore.contents(ofBackup: file).isSound, "LIMN_SEED=\(TestSeed.value)")
            }
        }
        #expect(try isWhole(home))
    }

    @Test func anIndexIsBuiltOnWhereItWasKilled() throws {
        let folder = try TestFolder(), home = folder["node"]
        #expect(try LimnProcess.run(home: home, "init", "--name", "node").code == 0)
        let table = try folder.file("c.csv", customers(20_000))
        #expect(try LimnProcess.run(home: home, "import", table, "--source", "erp", "--no-index").code == 0)
        try TestSeed.forEach(40) { random in
            let run = try LimnProcess(home: home, ["find", "客户19999"])
            pause(&random, milliseconds: 250)
            run.signal(SIGKILL)
            _ = run.wait()
        }
        #expect(try LimnProcess.data(home: home, "find", "客户19999")["total"] as? Int == 1)
        #expect(try LimnProcess.data(home: home, "find", "客户")["total"] as? Int == 20_000)
        #expect(try isWhole(home))
    }

    @Test func aFoundingIsWholeOrCanBeginAgain() throws {
        let folder = try TestFolder()
        var number = 0
        try TestSeed.forEach(20) { random in
            number += 1
            let home = folder["node-\(number)"]
            let run = try LimnProcess(home: home, ["init", "--name", "node"])
            pause(&random, milliseconds: 90)
            run.signal(SIGKILL)
            _ = run.wait()
            let again = try LimnProcess.run(home: home, "init", "--name", "node")
            #expect(again.code == 0 || again.code == 73, "LIMN_SEED=\(TestSeed.value): \(again.errors)")
            #expect(try LimnProcess.data(home: home, "status")["name"] as? String == "node", "LIMN_SEED=\(TestSeed.value): \(again.errors)")
            #expect(try isWhole(home))
        }
    }
}
