// Certificates: trusted only by the file that is given, and only for the name they carry.

import CurlHTTP
import Foundation
import Testing

@Suite(.enabled(if: FileManager.default.isExecutableFile(atPath: TLSServer.openssl), "needs the openssl command"))
struct TLSTests {
    @Test func onlyAuthoritiesInTheFileAreTrusted() throws {
        let server = try TLSServer()
        defer { server.stop() }
        let url = "https://localhost:\(server.port)/"
        let untrusted = try failure(HTTPRequest(.get, url))
        #expect(untrusted.code == "http.tls")
        #expect(untrusted.parameters["host"] == "localhost:\(server.port)")

        var options = HTTPClient.Options(userAgent: "limn/0")
        options.certificateAuthorityFile = server.certificate.path
        let trusting = HTTPClient(options)
        #expect(try trusting.send(HTTPRequest(.get, url)).status == 200)
        let otherName = try failure(on: trusting, HTTPRequest(.get, "https://127.0.0.1:\(server.port)/"))
        #expect(otherName.code == "http.tls")

        options.certificateAuthorityFile = server.certificate.path + ".missing"
        #expect(try failure(on: HTTPClient(options), HTTPRequest(.get, url)).code == "http.tls")
    }
}

/// OpenSSL's demonstration server with a fresh certificate for `localhost`; it ends after eight connections.
private final class TLSServer {
    static let openssl = "/usr/bin/openssl"
    let port: Int
    let certificate: URL
    private let folder: URL
    private let process: Process
    private let input = Pipe()

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "tls-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        certificate = folder.appending(path: "certificate.pem")
        let key = folder.appending(path: "key.pem").path
        let making = try TLSServer.start(
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", key,
                "-out", certificate.path,
            ],
            output: Pipe(), input: Pipe())
        making.waitUntilExit()
        let output = Pipe()
        process = try TLSServer.start(
            ["s_server", "-www", "-accept", "127.0.0.1:0", "-naccept", "8", "-cert", certificate.path, "-key", key],
            output: output, input: input)
        var text = ""
        var found: Int?
        while found == nil {
            let piece = output.fileHandleForReading.availableData
            try #require(!piece.isEmpty, "openssl ended: \(text)")
            text += String(decoding: piece, as: UTF8.self)
            found = text.firstMatch(of: /ACCEPT 127\.0\.0\.1:(\d+)\n/).flatMap { Int($0.1) }
        }
        port = try #require(found)
    }

    private static func start(_ arguments: [String], output: Pipe, input: Pipe) throws -> Process {
        let process = Process()
        process.executableURL = URL(filePath: openssl)
        process.arguments = arguments
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        process.standardInput = input
        try process.run()
        return process
    }

    func stop() {
        // A child may inherit a mask that blocks SIGTERM.
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        try? FileManager.default.removeItem(at: folder)
    }
}
