import Foundation
import Synchronization

/// Passes connections on to a port of this machine and breaks each one after a number of bytes, both ways together.
final class CuttingProxy: Sendable {
    let port: UInt16
    private let listener: Int32
    private let target: UInt16
    private let nextLimit: @Sendable () -> Int
    private let broken = Atomic<Int>(0)

    /// How many connections it has broken.
    var brokenConnections: Int { broken.load(ordering: .relaxed) }

    /// - Parameter nextLimit: the bytes that the next connection carries.
    init(to target: UInt16, nextLimit: @escaping @Sendable () -> Int) {
        self.target = target
        self.nextLimit = nextLimit
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = Self.loopback(0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let listener = listener
        port = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                precondition(bind(listener, generic, length) == 0 && listen(listener, 16) == 0)
                getsockname(listener, generic, &length)
            }
            return UInt16(bigEndian: pointer.pointee.sin_port)
        }
    }

    private static func loopback(_ port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        address.sin_port = port.bigEndian
        return address
    }

    /// Takes connections until it is stopped.
    func start() {
        Thread.detachNewThread { [self] in
            while true {
                let near = accept(listener, nil, nil)
                guard near >= 0 else { return }
                connect(near)
            }
        }
    }

    func stop() {
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
    }

    private func connect(_ near: Int32) {
        let far = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = Self.loopback(target)
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { Foundation.connect(far, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        }
        guard result == 0 else {
            close(near)
            close(far)
            return
        }
        let line = Line(near: near, far: far, limit: nextLimit())
        for (from, to) in [(near, far), (far, near)] {
            Thread.detachNewThread { [self] in
                if !line.pass(from: from, to: to) { broken.add(1, ordering: .relaxed) }
            }
        }
    }

    /// One connection and what it still carries.
    private final class Line: Sendable {
        private let left: Mutex<Int>
        private let descriptors: [Int32]

        init(near: Int32, far: Int32, limit: Int) {
            left = Mutex(limit)
            descriptors = [near, far]
        }

        deinit { for descriptor in descriptors { close(descriptor) } }

        /// Passes bytes on; false where the limit was reached.
        func pass(from: Int32, to: Int32) -> Bool {
            defer { for descriptor in descriptors { shutdown(descriptor, Int32(SHUT_RDWR)) } }
            var piece = [UInt8](repeating: 0, count: 1024)
            while true {
                let count = recv(from, &piece, piece.count, 0)
                guard count > 0 else { return true }
                let allowed = left.withLock { left in
                    let allowed = min(count, left)
                    left -= allowed
                    return allowed
                }
                guard send(to, piece, allowed, Int32(MSG_NOSIGNAL)) == allowed else { return true }
                if allowed < count { return false }
            }
        }
    }
}
