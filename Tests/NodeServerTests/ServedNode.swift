import CurlHTTP
import Foundation
import NodeOperations
import NodeSecurity
import NodeServer
import ProfileStore

/// Nodes in folders of their own that go away at the end of a test, some of them served.
final class Fleet: @unchecked Sendable {
    let folder = NSTemporaryDirectory() + "limn-server-" + UUID().uuidString

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    /// - Parameter folder: the node's own folder; nil for one of its name.
    func found(_ name: String, in folder: String? = nil, deployment: Deployment? = nil) throws -> Node {
        try Node.found(home: "\(self.folder)/\(folder ?? name)", name: name, author: name, deployment: deployment).node
    }

    /// Serves a node on a free port while the body runs.
    ///
    /// - Parameter change: changes the options before the server starts.
    func serving<Value: Sendable>(
        _ node: Node, change: (inout NodeServer.Options) -> Void = { _ in }, _ body: (_ url: String) async throws -> Value
    ) async throws -> Value {
        var options = NodeServer.Options()
        options.address = try ListenAddress("127.0.0.1:0")
        options.stopsOnSignals = false
        change(&options)
        let server = NodeServer(node: node, options: options)
        let (urls, continuation) = AsyncStream.makeStream(of: String.self)
        let running = Task {
            defer { continuation.finish() }
            try await server.run { continuation.yield($0) }
        }
        let result: Result<Value, any Error>
        if let url = await urls.first(where: { _ in true }) {
            do { result = .success(try await body(url)) } catch { result = .failure(error) }
        } else {
            result = .failure(NotListening())
        }
        await server.stop()
        try await running.value
        return try result.get()
    }

    struct NotListening: Error {}
}

/// Runs blocking work on a thread of its own: the tasks of the server need those that tests run on.
func onThread<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        Thread.detachNewThread { continuation.resume(with: Result(catching: work)) }
    }
}

/// What came back from one request.
struct Reply: Sendable {
    let status: Int
    let text: String

    /// The code of a refusal.
    var code: String? {
        let object = try? JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
        return (object?["error"] as? [String: Any])?["code"] as? String
    }
}

/// A body of a request that a test sends.
enum Sent: Sendable {
    case nothing
    case bytes([UInt8])
    /// So many pieces of so many bytes, without a length.
    case pieces(Int, of: Int)
}

/// Sends one request over a connection of its own.
func ask(_ method: HTTPRequest.Method, _ url: String, token: String?, _ sent: Sent = .nothing) async throws -> Reply {
    try await onThread {
        let client = HTTPClient(HTTPClient.Options(userAgent: "limn-tests"))
        let body: HTTPRequest.Body
        switch sent {
        case .nothing: body = .none
        case .bytes(let bytes): body = .bytes(bytes)
        case .pieces(let count, let size):
            var left = count
            body = .stream { left -= 1; return left < 0 ? nil : [UInt8](repeating: 0xFE, count: size) }
        }
        let headers = token.map { [HTTPHeader("Authorization", "Bearer \($0)")] } ?? []
        let response = try client.send(HTTPRequest(method, url, headers: headers, body: body))
        return Reply(status: response.status, text: String(decoding: response.body, as: UTF8.self))
    }
}
