import Foundation
import Synchronization

/// A proxy on loopback whose connections break after so many bytes, both ways together.
final class CuttingProxy: Sendable {
    let url: String
    private let upstreamPort: UInt16
    private let listener: Int32
    private let bytesMaximum: Int
    private let count = Mutex(0)

    /// The connections that were broken.
    var cuts: Int { count.withLock { $0 } }

    init(to upstream: String, cuttingAfter bytesMaximum: Int) throws {
        guard let port = URL(string: upstream)?.port else { throw POSIXError(.EINVAL) }
        upstreamPort = UInt16(port)
        self.bytesMaximum = bytesMaximum
        let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        listener = socket
        var address = CuttingProxy.loopback(port: 0), length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(socket, $0, length) == 0 && getsockname(socket, $0, &length) == 0 }
        }
        guard isBound, listen(socket, 16) == 0 else { throw POSIXError(.EADDRNOTAVAIL) }
        url = "http://127.0.0.1:\(UInt16(bigEndian: address.sin_port))"
        Thread.detachNewThread { [self] in accept() }
    }

    /// Refuses whoever comes from now on.
    func stop() {
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
    }

    private static func loopback(port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        return address
    }

    private func accept() {
        while true {
            let near = Glibc.accept(listener, nil, nil)
            if near < 0 { return }
            let far = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            var address = CuttingProxy.loopback(port: upstreamPort)
            let isConnected = withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(far, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0 }
            }
            let line = Line(near: near, far: far, bytesLeft: isConnected ? bytesMaximum : 0)
            for (from, to) in [(near, far), (far, near)] { Thread.detachNewThread { [self] in carry(from, to, line) } }
        }
    }

    private final class Line: Sendable {
        private let near, far: Int32
        private let state: Mutex<(bytesLeft: Int, directionsOpen: Int)>

        init(near: Int32, far: Int32, bytesLeft: Int) {
            (self.near, self.far) = (near, far)
            state = Mutex((bytesLeft, 2))
        }

        /// How many of so many bytes may pass.
        func take(_ bytes: Int) -> Int {
            state.withLock {
                let taken = min(bytes, $0.bytesLeft)
                $0.bytesLeft -= taken
                return taken
            }
        }

        /// Ends both ways; the descriptors are closed when neither way reads any more.
        func end() {
            shutdown(near, Int32(SHUT_RDWR))
            shutdown(far, Int32(SHUT_RDWR))
            let isLast = state.withLock {
                $0.directionsOpen -= 1
                return $0.directionsOpen == 0
            }
            if isLast {
                close(near)
                close(far)
            }
        }
    }

    private func carry(_ from: Int32, _ to: Int32, _ line: Line) {
        var buffer = [UInt8](repeating: 0, count: 1024)
        while true {
            let received = recv(from, &buffer, buffer.count, 0)
            if received <= 0 { break }
            let passing = line.take(received)
            var sent = 0
            while sent < passing {
                let now = buffer.withUnsafeBytes { send(to, $0.baseAddress! + sent, passing - sent, Int32(MSG_NOSIGNAL)) }
                if now <= 0 { break }
                sent += now
            }
            if passing < received {
                count.withLock { $0 += 1 }
                break
            }
            if sent < passing { break }
        }
        line.end()
    }
}
