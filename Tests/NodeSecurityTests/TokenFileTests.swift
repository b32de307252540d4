import Causality
import Foundation
import NodeEnvironment
import NodeSecurity
import Testing

@Suite struct TokenFileTests {
    private func withFolder(_ body: (String) throws -> Void) throws {
        let folder = NSTemporaryDirectory() + "limn-tokens-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try body(folder)
    }

    private func write(_ text: String, to path: String, permissions: Int) {
        FileManager.default.createFile(atPath: path, contents: Data(text.utf8), attributes: [.posixPermissions: permissions])
    }

    @Test func readsAFileAndSeesWhetherItIsOpen() throws {
        let token = AccessToken(SystemEnvironment())
        try withFolder { folder in
            for (permissions, isOpen) in [(0o600, false), (0o400, false), (0o640, true), (0o644, true)] {
                let path = "\(folder)/token-\(permissions)"
                write(token.text + "\n", to: path, permissions: permissions)
                let file = try TokenFile(path: path)
                #expect(file.token.hash == token.hash)
                #expect(file.isOpenToOthers == isOpen)
            }
        }
    }

    @Test func readsAPipe() throws {
        let token = AccessToken(SystemEnvironment())
        let pipe = Pipe()
        try pipe.fileHandleForWriting.write(contentsOf: Data(token.text.utf8))
        try pipe.fileHandleForWriting.close()
        let file = try TokenFile(path: "/dev/fd/\(pipe.fileHandleForReading.fileDescriptor)")
        #expect(file.token.hash == token.hash)
        #expect(!file.isOpenToOthers)
    }

    @Test func refusesWhatIsNoTokenFile() throws {
        try withFolder { folder in
            #expect(throws: SecurityError.tokenFileMissing(path: folder + "/none")) { try TokenFile(path: folder + "/none") }
            do {
                _ = try TokenFile(path: folder)
                Issue.record("a folder is no file")
            } catch let error as SecurityError {
                #expect(error.code == "security.token-file-unreadable")
            }
            let text = AccessToken(SystemEnvironment()).text
            for (name, content) in [("empty", ""), ("cut", String(text.dropLast())), ("two", text + "\n" + text), ("long", text + String(repeating: " ", count: 5000))] {
                write(content, to: "\(folder)/\(name)", permissions: 0o600)
                #expect(throws: SecurityError.tokenMalformed, "\(name)") { try TokenFile(path: "\(folder)/\(name)") }
            }
        }
    }

    @Test func invitationsTravelAsJSON() throws {
        let invitation = Invitation(
            deployment: UniqueID(high: 1, low: .max), hashKey: HashKey(first: .max, second: 0), node: "总部", name: "laptop",
            scopes: ["cn/east"])
        let bytes = try JSONEncoder().encode(invitation)
        #expect(try JSONDecoder().decode(Invitation.self, from: bytes) == invitation)
        let broken = Data(String(decoding: bytes, as: UTF8.self).replacingOccurrences(of: "ffff", with: "").utf8)
        #expect(throws: DecodingError.self) { try JSONDecoder().decode(Invitation.self, from: broken) }
    }
}
