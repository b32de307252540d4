package import Connectors
internal import CurlHTTP
internal import Foundation

/// A server that answers as an external CRM would (`tools/crm`), in a process of its own that ends with this one.
package final class Standin: @unchecked Sendable {
    package let url: String
    private let process = Process()
    private let input = Pipe()
    private let client = HTTPClient(.init(userAgent: "test"))

    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    package init(_ vendor: String, _ options: [String] = []) throws {
        let output = Pipe()
        process.executableURL = Self.root.appending(path: "tools/crm/standin")
        process.arguments = [vendor, "--no-limits"] + options
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        var line: [UInt8] = []
        while let byte = try output.fileHandleForReading.read(upToCount: 1)?.first, byte != UInt8(ascii: "\n") { line.append(byte) }
        url = String(decoding: line, as: UTF8.self)
    }

    deinit {
        try? input.fileHandleForWriting.close()
        process.waitUntilExit()
    }

    /// Does something to the server behind the client's back.
    @discardableResult
    package func admin(_ name: String, _ body: JSON = [:]) throws -> JSON {
        let response = try client.send(HTTPRequest(.post, "\(url)/_standin/\(name)", body: .bytes(body.bytes)))
        guard response.status == 200, let answer = JSON(response.body) else { throw Refused(name: name, body: String(decoding: response.body, as: UTF8.self)) }
        return answer
    }

    package func fault(_ text: String) throws { try admin("faults", ["add": .string(text)]) }

    package func status() throws -> JSON { JSON(try client.send(HTTPRequest(.get, "\(url)/_standin/status")).body) ?? .null }

    /// All records of a kind as the server holds them, also those that are gone.
    package func records(_ kind: String) throws -> [JSON] {
        JSON(try client.send(HTTPRequest(.get, "\(url)/_standin/records?kind=\(kind)")).body)?["records"].items ?? []
    }

    package struct Refused: Error {
        package let name: String
        package let body: String
    }
}
