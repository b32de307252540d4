// A server of a few lines for tests: what it says is scripted by a closure.

internal import Foundation
internal import Synchronization

/// Listens on a free port of 127.0.0.1 and hands each connection to a closure, each on a thread of its own.
///
/// It ends with `stop()`, when it is released, or after 20 seconds; reads on a connection end after 5.
package final class LoopbackServer: Sendable {
    package let port: Int
    private let listener: Int32
    private let accepted = Atomic<Int>(0)
    private let stopped = Atomic<Bool>(false)

    package var acceptedConnections: Int { accepted.load(ordering: .sequentiallyConsistent) }
    package var url: String { "http://127.0.0.1:\(port)" }

    package init(_ serve: @escaping @Sendable (Connection) -> Void) {
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let listener = listener
        port = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                precondition(bind(listener, generic, length) == 0 && listen(listener, 16) == 0)
                getsockname(listener, generic, &length)
            }
            return Int(UInt16(bigEndian: pointer.pointee.sin_port))
        }
        Thread.detachNewThread { [weak self] in
            for _ in 0..<200 {
                var wanted = pollfd(fd: listener, events: Int16(POLLIN), revents: 0)
                let isReady = poll(&wanted, 1, 100) > 0
                guard let self, !self.stopped.load(ordering: .sequentiallyConsistent) else { break }
                guard isReady else { continue }
                let descriptor = accept(listener, nil, nil)
                guard descriptor >= 0 else { break }
                self.accepted.add(1, ordering: .sequentiallyConsistent)
                Thread.detachNewThread {
                    let connection = Connection(descriptor)
                    serve(connection)
                    connection.close()
                }
            }
            close(listener)
        }
    }

    deinit { stop() }

    package func stop() { stopped.store(true, ordering: .sequentiallyConsistent) }
}

/// One accepted connection.
package final class Connection {
    private let descriptor: Int32
    private var buffered: [UInt8] = []
    package private(set) var bytesRead = 0

    init(_ descriptor: Int32) {
        self.descriptor = descriptor
        var limit = timeval(tv_sec: 5, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    }

    package struct Request {
        package var head: String
        package var body: [UInt8]

        package var line: String { String(head.prefix { $0 != "\r\n" }) }

        package func field(_ name: String) -> String? {
            for line in head.split(separator: "\r\n") {
                let parts = line.split(separator: ":", maxSplits: 1)
                if parts.count == 2, parts[0].lowercased() == name {
                    return parts[1].trimmingCharacters(in: .whitespaces)
                }
            }
            return nil
        }
    }

    /// The next request with its body, `nil` where the client has closed.
    package func readRequest() -> Request? {
        var head: [UInt8] = []
        while !head.suffix(4).elementsEqual([13, 10, 13, 10]) {
            guard let byte = read(1) else { return nil }
            head += byte
        }
        var request = Request(head: String(decoding: head, as: UTF8.self), body: [])
        if let length = request.field("content-length").flatMap({ Int($0) }) {
            guard let body = read(length) else { return nil }
            request.body = body
        } else if request.field("transfer-encoding") == "chunked" {
            while true {
                guard let size = readLine().flatMap({ Int($0, radix: 16) }), let chunk = read(size), readLine() == ""
                else { return nil }
                if size == 0 { break }
                request.body += chunk
            }
        }
        return request
    }

    private func readLine() -> String? {
        var line: [UInt8] = []
        while !line.suffix(2).elementsEqual([13, 10]) {
            guard let byte = read(1) else { return nil }
            line += byte
        }
        return String(decoding: line.dropLast(2), as: UTF8.self)
    }

    private func read(_ count: Int) -> [UInt8]? {
        while buffered.count < count {
            var piece = [UInt8](repeating: 0, count: 64 << 10)
            let got = recv(descriptor, &piece, piece.count, 0)
            guard got > 0 else { return nil }
            bytesRead += got
            buffered += piece[..<got]
        }
        defer { buffered.removeFirst(count) }
        return Array(buffered[..<count])
    }

    /// Whether all of it could be sent.
    @discardableResult
    package func send(_ bytes: [UInt8]) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes {
                Foundation.send(descriptor, $0.baseAddress! + sent, bytes.count - sent, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }

    @discardableResult
    package func send(_ text: String) -> Bool { send(Array(text.utf8)) }

    @discardableResult
    package func send(chunk bytes: [UInt8]) -> Bool {
        send(String(bytes.count, radix: 16) + "\r\n") && send(bytes) && send("\r\n")
    }

    /// Answers with a `Content-Length`.
    @discardableResult
    package func answer(_ body: [UInt8], status: String = "200 OK", fields: [String] = []) -> Bool {
        let lines = ["HTTP/1.1 \(status)", "Content-Length: \(body.count)"] + fields
        return send(lines.joined(separator: "\r\n") + "\r\n\r\n") && send(body)
    }

    /// Waits until the client has closed its side, or 5 seconds.
    package func waitForClose() {
        var byte: UInt8 = 0
        while recv(descriptor, &byte, 1, 0) > 0 {}
    }

    package func close() {
        Foundation.shutdown(descriptor, Int32(SHUT_RDWR))
        Foundation.close(descriptor)
    }
}

/// A port of 127.0.0.1 that nobody listens on.
package func closedPort() -> Int {
    let server = LoopbackServer { _ in }
    server.stop()
    let port = server.port
    while true {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        address.sin_port = in_port_t(port).bigEndian
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        if result != 0 { return port }
    }
}
