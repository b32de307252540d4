import FleetSupport
import Foundation
import Synchronization
import Testing

/// A server, commands and a reader that is not ours, on one store at once.
@Suite("Several processes use one store")
final class ProcessTests: Sendable {
    private static let shell = ["/usr/bin/sqlite3", "/usr/local/bin/sqlite3", "/opt/homebrew/bin/sqlite3"]
        .first { FileManager.default.isExecutableFile(atPath: $0) }

    /// How much each of them does.
    private static let rounds = ProcessInfo.processInfo.environment["LIMN_ROUNDS"].flatMap { Int($0) }.map { min($0, 200) } ?? 20

    private let failures = Mutex<[String]>([])

    private func fail(_ text: String) { failures.withLock { $0.append(text) } }

    private func start(_ work: @escaping @Sendable () throws -> Void) -> DispatchSemaphore {
        let end = DispatchSemaphore(value: 0)
        Thread.detachNewThread { [self] in
            do { try work() } catch { fail("\(error)") }
            end.signal()
        }
        return end
    }

    /// Runs a command that must succeed.
    private func must(_ home: String, _ arguments: [String]) throws {
        let result = try LimnProcess(home: home, arguments).wait()
        if result.code != 0 { fail("\(arguments): \(result.code) \(result.errors)") }
    }

    /// Reads by one connection for a while, as a report does that somebody leaves open; gives what it printed.
    private func read(_ path: String, times: Int) throws -> [String] {
        let process = Process(), input = Pipe(), output = Pipe()
        process.executableURL = URL(fileURLWithPath: Self.shell!)
        process.arguments = ["-batch", "-bail", "-cmd", ".timeout 20000", path]
        process.standardInput = input
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let text = "BEGIN; SELECT count(*) FROM customers; SELECT count(*) FROM customers; COMMIT; PRAGMA quick_check;\n"
        input.fileHandleForWriting.write(Data(String(repeating: text, count: times).utf8))
        try input.fileHandleForWriting.close()
        let printed = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        process.waitUntilExit()
        if process.terminationStatus != 0 { fail("sqlite3 ended with \(process.terminationStatus): \(printed.suffix(300))") }
        return printed.split(separator: "\n").map(String.init)
    }

    @Test(.enabled("there is no sqlite3 on this machine: the outside reader is skipped") { shell != nil })
    func nothingFailsAndNothingIsLost() throws {
        let folder = try TestFolder(), office = folder["office"], laptop = folder["laptop"]
        try must(office, ["init", "--name", "office"])
        let token = try folder.file("token", LimnProcess.run(home: office, "peer", "token", "laptop").output)
        let server = try LimnProcess(home: office, ["serve", "--listen", "127.0.0.1:0"])
        defer { server.signal(SIGKILL) }
        try must(laptop, ["init", "--name", "laptop", "--join", server.firstLine(), "--token-file", token])
        let ids = try (0..<3).map { try LimnProcess.data(home: office, "add", "person", "name=客户\($0)")["id"] as? String ?? "" }
        try must(laptop, ["sync"])
        let table = folder["c.csv"], rounds = Self.rounds, isOver = Mutex(false)
        let users = [
            start { [self] in for round in 1...rounds { try must(office, ["edit", ids[0], "title=\(round)"]) } },
            start { [self] in for round in 1...rounds { try must(office, ["edit", ids[1], "title=\(round)"]) } },
            start { [self] in
                for round in 1...rounds {
                    try must(laptop, ["edit", ids[2], "title=\(round)"])
                    try must(laptop, ["sync"])
                }
            },
            start { [self] in
                for round in 1...max(2, rounds / 5) {
                    let text = "external_id,name,city\n" + (0..<1_500).map { "\($0),进口\($0),城市\(round)\n" }.joined()
                    try text.write(toFile: table, atomically: true, encoding: .utf8)
                    try must(office, ["import", table, "--source", "erp"])
                }
            },
        ]
        let reader = start { [self] in
            var last = 0
            while !isOver.withLock({ $0 }) {
                let lines = try read(office + "/limn.sqlite", times: 10)
                for at in stride(from: 0, to: lines.count - 2, by: 3) {
                    let counts = lines[at...at + 1].map { Int($0) ?? -1 }
                    if counts[0] != counts[1] || counts[0] < last || lines[at + 2] != "ok" { fail("read \(lines[at...at + 2]) after \(last)") }
                    last = counts[0]
                }
            }
        }
        for user in users { user.wait() }
        isOver.withLock { $0 = true }
        reader.wait()
        try must(laptop, ["sync"])
        #expect(failures.withLock { $0 } == [])
        for home in [office, laptop] {
            #expect(try KilledNode.isWhole(home))
            for id in ids {
                let fields = try LimnProcess.data(home: home, "show", id)["fields"] as? [String: [String: Any]]
                #expect(fields?["title"]?["value"] as? String == "\(rounds)", "\(home) \(id)")
            }
            #expect(try LimnProcess.data(home: home, "status")["customers"] as? Int == 1_503)
        }
        let digests = try [office, laptop].map { try LimnProcess.data(home: $0, "status")["digest"] as? String }
        #expect(digests[0] != nil && digests[0] == digests[1])
    }
}
