import FleetSupport
import Foundation
import MergeVectors
import ProfileStore
import Testing

/// The real program killed at random moments: what it acknowledged is there, the store is whole, peers converge, and the next
/// run goes on. Only programs that the signal ended are counted.
@Suite("The program is killed", .serialized)
struct KillTests {
    /// Kills of each kind of work.
    private static let imports = 40, edits = 100, syncs = 40, servers = 40, backups = 40, indices = 40, foundings = 30, migrations = 20

    private func customers(_ count: Int, city: String = "上海", beginning: String = "") -> String {
        "external_id,name,phone,city\n" + (0..<count).map { "\(beginning)\($0),客户\($0),138\(10_000_000 + $0),\(city)\n" }.joined()
    }

    @Test func thereAreThreeHundred() {
        #expect(Self.imports + Self.edits + Self.syncs + Self.servers + Self.backups + Self.indices + Self.foundings + Self.migrations >= 300)
    }

    @Test func anImportGoesOnWhereItWasKilled() throws {
        let node = try KilledNode()
        let tables = try ["上海", "杭州"].map { try node.folder.file("\($0).csv", customers(7_000, city: $0)) }
        try node.kill(Self.imports, within: 1_500) { ["import", tables[$0 % 2], "--source", "erp", "--no-index"] }
        let last = try LimnProcess.data(home: node.home, "import", tables[0], "--source", "erp")
        #expect(last["rows"] as? Int == 7_000 && last["rejected"] as? Int == 0)
        let again = try LimnProcess.data(home: node.home, "import", tables[0], "--source", "erp")
        #expect(again["unchanged"] as? Int == 7_000)
        #expect(try LimnProcess.data(home: node.home, "find", "city = 上海", "--limit", "1")["total"] as? Int == 7_000)
        try node.converge()
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
        let node = try KilledNode()
        let id = try LimnProcess.data(home: node.home, "add", "person", "name=张伟")["id"] as? String ?? ""
        var acknowledged = 0
        try node.kill(Self.edits, within: 150) { ["edit", id, "title=\($0)"] } check: { run, result in
            if result.code == 0 { acknowledged = run }
            let fields = try LimnProcess.data(home: node.home, "show", id)["fields"] as? [String: Any]
            let shown = Int((fields?["title"] as? [String: Any])?["value"] as? String ?? "0") ?? -1
            #expect(shown == acknowledged || shown == run, "LIMN_SEED=\(TestSeed.value)")
            acknowledged = shown
        }
    }

    /// A branch that serves and a laptop that syncs, each with customers that the other has not.
    private func pair(_ work: (_ laptop: String, _ branch: String, _ url: String, inout LimnProcess) throws -> Void) throws {
        let folder = try TestFolder(), laptop = folder["laptop"], branch = folder["branch"]
        #expect(try LimnProcess.run(home: branch, "init", "--name", "branch").code == 0)
        #expect(try LimnProcess.run(home: branch, "import", folder.file("branch.csv", customers(4_000)), "--source", "erp").code == 0)
        let token = try folder.file("token", LimnProcess.run(home: branch, "peer", "token", "laptop").output)
        var server = try LimnProcess(home: branch, ["serve", "--listen", "127.0.0.1:0"])
        let url = server.firstLine()
        #expect(try LimnProcess.run(home: laptop, "init", "--name", "laptop", "--join", url, "--token-file", token).code == 0)
        #expect(try LimnProcess.run(home: laptop, "import", folder.file("laptop.csv", customers(6_000, city: "杭州")), "--source", "crm").code == 0)
        defer { server.signal(SIGKILL) }
        try work(laptop, branch, url, &server)
        for _ in 0..<2 { #expect(try LimnProcess.run(home: laptop, "sync").code == 0) }
        server.signal(SIGTERM)
        #expect(server.wait().code == 0)
        let digests = try [laptop, branch].map { try LimnProcess.data(home: $0, "status")["digest"] as? String }
        #expect(digests[0] != nil && digests[0] == digests[1])
        #expect(try KilledNode.isWhole(laptop) && KilledNode.isWhole(branch))
    }

    /// Edits one customer so that there is something to carry, and gives the value that a sync must bring.
    private func edit(_ home: String, _ customer: String, _ number: Int) throws {
        #expect(try LimnProcess.run(home: home, "edit", customer, "title=\(number)").code == 0)
    }

    private func title(_ home: String, _ customer: String) throws -> String? {
        let fields = try LimnProcess.data(home: home, "show", customer)["fields"] as? [String: [String: Any]]
        return fields?["title"]?["value"] as? String
    }

    @Test func aSyncGoesOnWhereItWasKilled() throws {
        try pair { laptop, branch, _, _ in
            try KilledNode.kill(Self.syncs, within: 600) { number in
                try edit(laptop, "crm:1", number)
                if number % 4 == 0 { try edit(branch, "erp:2", number) }
                return try LimnProcess(home: laptop, ["sync"])
            } check: { number, _ in
                let isWhole = try KilledNode.isWhole(laptop), shown = try title(laptop, "crm:1")
                #expect(isWhole && shown == "\(number)", "LIMN_SEED=\(TestSeed.value)")
            }
        }
    }

    @Test func aServerGoesOnWhereItWasKilled() throws {
        try pair { laptop, branch, url, server in
            let port = url.split(separator: ":").last.map(String.init) ?? "0"
            try TestSeed.forEach(Self.servers) { random in
                try edit(laptop, "crm:1", random.below(1_000))
                let run = try LimnProcess(home: laptop, ["sync"])
                Thread.sleep(forTimeInterval: Double(random.below(500)) / 1_000)
                server.signal(SIGKILL)
                #expect(server.wait().isKilled)
                _ = run.wait()
                #expect(try KilledNode.isWhole(branch), "LIMN_SEED=\(TestSeed.value)")
                server = try LimnProcess(home: branch, ["serve", "--listen", "127.0.0.1:\(port)"])
                #expect(server.firstLine().hasSuffix(port))
            }
            let last = try title(laptop, "crm:1")
            #expect(try LimnProcess.run(home: laptop, "sync").code == 0)
            #expect(try title(branch, "crm:1") == last && last != nil)
        }
    }

    @Test func aBackupIsWholeOrNotThere() throws {
        let node = try KilledNode(), file = node.folder["backup.sqlite"]
        #expect(try LimnProcess.run(home: node.home, "import", node.folder.file("c.csv", customers(4_000)), "--source", "erp").code == 0)
        try node.kill(Self.backups, within: 120) { _ in
            try? FileManager.default.removeItem(atPath: file)
            return ["backup", file]
        } check: { _, result in
            if result.code == 0 || FileManager.default.fileExists(atPath: file) {
                let contents = try ProfileStore.contents(ofBackup: file)
                #expect(contents.isSound, "LIMN_SEED=\(TestSeed.value)")
            }
        }
    }

    @Test func anIndexIsBuiltOnWhereItWasKilled() throws {
        let node = try KilledNode()
        var count = 0
        // New customers before each search, so that there is always an index to build.
        try node.kill(Self.indices, within: 250) { number in
            let table = try node.folder.file("c.csv", customers(300, beginning: "\(number)-"))
            #expect(try LimnProcess.run(home: node.home, "import", table, "--source", "erp", "--no-index").code == 0)
            count += 300
            return ["find", "客户299"]
        }
        #expect(try LimnProcess.data(home: node.home, "find", "客户", "--limit", "1")["total"] as? Int == count)
        #expect(try LimnProcess.data(home: node.home, "find", "客户299", "--limit", "1")["total"] as? Int == count / 300)
    }

    /// The first program that opens a store of an earlier version brings it to the present form.
    @Test func aMigrationIsWholeOrCanBeginAgain() throws {
        let folder = try TestFolder(), home = folder["node"]
        let version = try #require(GoldenStore.versions.first), expected = try GoldenStore.expected(version)
        let counts = try #require((expected["meaning"] as? [String: Any])?["counts"] as? [String: Any]), customers = try #require(counts["customers"] as? Int)
        try KilledNode.kill(Self.migrations, within: 60) { _ in
            try GoldenStore.unpack(version, to: home)
            return try LimnProcess(home: home, ["status"])
        } check: { _, _ in
            let status = try LimnProcess.data(home: home, "status")
            #expect(status["customers"] as? Int == customers, "LIMN_SEED=\(TestSeed.value)")
            #expect(try KilledNode.isWhole(home), "LIMN_SEED=\(TestSeed.value)")
        }
    }

    @Test func aFoundingIsWholeOrCanBeginAgain() throws {
        let folder = try TestFolder()
        func home(_ number: Int) -> String { folder["node-\(number)"] }
        try KilledNode.kill(Self.foundings, within: 90) { try LimnProcess(home: home($0), ["init", "--name", "node"]) } check: { number, _ in
            let again = try LimnProcess.run(home: home(number), "init", "--name", "node")
            #expect(again.code == 0 || again.code == 73, "LIMN_SEED=\(TestSeed.value): \(again.errors)")
            #expect(try LimnProcess.data(home: home(number), "status")["name"] as? String == "node", "LIMN_SEED=\(TestSeed.value): \(again.errors)")
            #expect(try KilledNode.isWhole(home(number)))
        }
    }
}
