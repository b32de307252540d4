import Connectors
import Foundation
import LimnCommands
import StandinServing
import Testing

@Suite("limn serve keeps systems in step", .serialized)
struct CRMServeTests {
    private let node: WorkingNode
    private let token: String, key: String

    init() throws {
        node = try WorkingNode()
        token = try node.file("token", #"{"client_id": "standin-client", "client_secret": "standin-secret", "refresh_token": "standin-refresh"}"#)
        key = try node.file("key", "standin-webhook-secret\n")
        for file in [token, key] { try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file) }
    }

    private func status() throws -> [String: Any] { try #require((try node.data("crm", "status")["connectors"] as? [[String: Any]])?.first) }

    /// The program as a process of its own, until it is stopped.
    private final class Serving {
        let url: String
        private let process = Process(), output = Pipe()

        init(home: String) throws {
            let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            let beside = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent().appendingPathComponent("limn").path
            process.executableURL = URL(fileURLWithPath: FileManager.default.isExecutableFile(atPath: beside) ? beside : root.path + "/.build/debug/limn")
            process.arguments = ["serve", "--listen", "127.0.0.1:0", "--home", home]
            process.standardOutput = output
            process.standardError = FileHandle.nullDevice
            try process.run()
            var line: [UInt8] = []
            while let byte = try output.fileHandleForReading.read(upToCount: 1)?.first, byte != UInt8(ascii: "\n") { line.append(byte) }
            url = String(decoding: line, as: UTF8.self)
        }

        func stop() -> Int32 {
            process.terminate()
            process.waitUntilExit()
            return process.terminationStatus
        }

        deinit { if process.isRunning { _ = stop() } }
    }

    @Test(.timeLimit(.minutes(2))) func aMessageBringsTheRecordToTheRealProgram() async throws {
        let standin = try Standin("hubspot", ["--records", "3", "--kind", "contacts"])
        try node.data("crm", "add", "hubspot", "--url", standin.url, "--token-file", token, "--webhook-secret-file", key)
        let serving = try Serving(home: node.home), hook = serving.url + "/hooks/hubspot"
        #expect(try node.data("crm", "hook", "hubspot", "--url", hook)["address"] as? String == hook)
        try standin.admin("webhooks", ["url": .string(hook)])
        let made = try standin.admin("create", ["kind": "contacts", "records": [["lastname": "王芳", "jobtitle": "院长"]]])
        let id = try #require(made["ids"].items?.first?.text)
        let told = try standin.admin("deliver", ["duplicate": 3, "shuffle": .boolean(true)])
        #expect(told["batches"].items?.compactMap { $0["status"].integer } == [200])
        let record = "hubspot:\(id)"
        while node("show", record).exitCode != 0 { try await Task.sleep(for: .milliseconds(100)) }
        #expect(try node.value(record, "title") as? String == "院长")
        #expect(serving.stop() == 0)
        let hooked = try #require(try status()["hook"] as? [String: Any])
        #expect(hooked["url"] as? String == hook && hooked["lastAt"] is String)
    }

    @Test(.timeLimit(.minutes(2))) func aRoundThatWasMissedIsMadeUpForByTheRealProgram() async throws {
        let standin = try Standin("hubspot", ["--records", "3", "--kind", "contacts"])
        try node.data("crm", "add", "hubspot", "--url", standin.url, "--token-file", token)
        // The next full minute comes while nothing serves, or just after.
        try node.data("crm", "schedule", "hubspot", "* * * * *")
        let serving = try Serving(home: node.home)
        var last: Any?
        while !(last is String) {
            try await Task.sleep(for: .milliseconds(200))
            last = (try status()["schedule"] as? [String: Any])?["lastRun"]
        }
        #expect(try status()["records"] as? Int == 3)
        #expect(serving.stop() == 0)
    }
}
