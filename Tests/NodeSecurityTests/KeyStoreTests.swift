import Foundation
import NodeSecurity
import ProfileModel
import Testing

/// The file of a node's secrets.
struct KeyStoreTests {
    private let folder = NSTemporaryDirectory() + "limn-keys-" + UUID().uuidString
    private var store: KeyStore { KeyStore(path: folder + "/limn.keys") }

    init() throws { try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true) }

    private func code(_ work: () throws -> Void) -> String? {
        do { try work() } catch { return (error as? any CodedError)?.code }
        return nil
    }

    private func mode(_ path: String) throws -> Int {
        try #require(FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int)
    }

    @Test func secretsAreKeptByNameForTheirOwnerAlone() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        #expect(try store.secret("crm:erp") == nil)
        try store.set("crm:none", to: nil)
        #expect(!FileManager.default.fileExists(atPath: store.path), "no secrets, no file")
        try store.set("crm:erp", to: "令\"牌\\/\u{0}")
        try store.set("peer:hq", to: "second")
        #expect(try store.secrets() == ["crm:erp": "令\"牌\\/\u{0}", "peer:hq": "second"])
        #expect(try mode(store.path) == 0o600)
        try store.set("crm:erp", to: nil)
        #expect(try store.secrets() == ["peer:hq": "second"])
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["limn.keys"])
    }

    @Test(arguments: [0o640, 0o604, 0o620, 0o644, 0o601]) func aFileThatOthersCanReachIsRefusedAndLeftAlone(_ mode: Int) throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try store.set("crm:erp", to: "secret")
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: store.path)
        let bytes = try Data(contentsOf: URL(fileURLWithPath: store.path))
        #expect(code { _ = try store.secret("crm:erp") } == "security.keys-open")
        #expect(code { try store.set("crm:erp", to: "other") } == "security.keys-open")
        #expect(try Data(contentsOf: URL(fileURLWithPath: store.path)) == bytes)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: store.path)
        #expect(try store.secret("crm:erp") == "secret")
    }

    @Test func whatIsNoKeyFileIsNotWrittenOver() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        for text in ["", "[]", "{", #"{"format":2,"secrets":{}}"#, #"{"format":1,"secrets":{"a":1}}"#] {
            #expect(FileManager.default.createFile(atPath: store.path, contents: Data(text.utf8), attributes: [.posixPermissions: 0o600]))
            #expect(code { _ = try store.secrets() } == "security.keys-damaged", "\(text)")
            #expect(code { try store.set("a", to: "b") } == "security.keys-damaged")
            #expect(try String(contentsOfFile: store.path, encoding: .utf8) == text)
        }
    }

    @Test func aWriteThatWasCutOffLeavesWhatWasThere() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try store.set("crm:erp", to: "old")
        // What a crash before the change of names leaves: a part of the new file, open to others by chance.
        #expect(FileManager.default.createFile(atPath: store.path + ".new", contents: Data(#"{"format":1,"secr"#.utf8), attributes: [.posixPermissions: 0o644]))
        #expect(try store.secret("crm:erp") == "old")
        try store.set("crm:erp", to: "new")
        #expect(try store.secret("crm:erp") == "new")
        #expect(try mode(store.path) == 0o600)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["limn.keys"])
        struct Stop: Error {}
        #expect(throws: Stop.self) { try store.change { $0["crm:erp"] = "half"; throw Stop() } }
        #expect(try store.secret("crm:erp") == "new")
    }

    /// Whoever looks at any moment, as after a crash, finds the old secret or the new one.
    @Test func aChangeIsWholeOrNotAtAll() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let store = store, old = String(repeating: "o", count: 40_000), new = String(repeating: "n", count: 50_000)
        try store.set("crm:erp", to: old)
        let found = SeenTexts()
        DispatchQueue.concurrentPerform(iterations: 2) { side in
            for number in 0..<200 {
                if side == 0 { try? store.set("crm:erp", to: number % 2 == 0 ? new : old) } else { found.note((try? store.secret("crm:erp")) ?? "none") }
            }
        }
        #expect(found.all.isSubset(of: [old, new]), "\(found.all.map(\.count))")
    }

    @Test func manyWritersLoseNothing() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let store = store
        DispatchQueue.concurrentPerform(iterations: 8) { writer in
            for number in 0..<20 { try? store.set("\(writer)/\(number)", to: "secret") }
        }
        #expect(try store.secrets().count == 160)
    }

    @Test func textsAgreeOnlyWhereTheyAreTheSame() {
        for (given, expected) in [("", "a"), ("a", ""), ("secret", "secre"), ("secret", "secretx"), ("Secret", "secret")] {
            #expect(!MessageProof.agree(given, expected))
        }
        #expect(MessageProof.agree("secret", "secret") && MessageProof.agree("", ""))
    }
}

private final class SeenTexts: @unchecked Sendable {
    private let lock = NSLock()
    private var texts: Set<String> = []
    func note(_ text: String) { lock.withLock { _ = texts.insert(text) } }
    var all: Set<String> { lock.withLock { texts } }
}
