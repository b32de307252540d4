internal import Foundation
internal import ProfileModel
internal import Synchronization

/// Where bytes go: a file descriptor, or memory in a test.
package protocol OutputSink: Sendable {
    /// Whether a person reads this as it comes.
    var isTerminal: Bool { get }
    /// The columns and lines of the terminal; nil where there is none.
    var size: (columns: Int, lines: Int)? { get }
    /// Takes bytes; they may wait in a buffer until `flush`.
    ///
    /// - Throws: `OutputFailure`.
    func write(_ bytes: [UInt8]) throws
    /// Hands everything that waits to the system.
    ///
    /// - Throws: `OutputFailure`.
    func flush() throws
}

extension OutputSink {
    /// Writes a text in UTF-8.
    package func write(_ text: String) throws { try write(Array(text.utf8)) }
}

/// Output that nobody takes any more.
package enum OutputFailure: CodedError {
    /// The reader has gone (EPIPE); whoever wrote to it ends quietly.
    case closed
    /// The system refused, for the reason that `errno` names.
    case failed(errno: Int32)

    package var code: String {
        switch self {
        case .closed: "general.output-closed"
        case .failed: "general.output-failed"
        }
    }

    package var parameters: [String: String] {
        switch self {
        case .closed: [:]
        case .failed(let number): ["reason": String(cString: strerror(number))]
        }
    }
}

/// Output to a file descriptor, gathered into writes of 64 KiB; to a terminal each call is one write.
package final class DescriptorSink: OutputSink {
    package let isTerminal: Bool
    private let descriptor: Int32
    private let isImmediate: Bool
    private let waiting = Mutex<[UInt8]>([])
    private static let bufferBytes = 65_536

    /// - Parameter isImmediate: whether nothing waits, as on standard error.
    package init(descriptor: Int32, isImmediate: Bool = false) {
        self.descriptor = descriptor
        self.isTerminal = isatty(descriptor) == 1
        self.isImmediate = isImmediate || isTerminal
    }

    package var size: (columns: Int, lines: Int)? {
        var window = winsize()
        guard isTerminal, ioctl(descriptor, UInt(TIOCGWINSZ), &window) == 0, window.ws_col > 0 else { return nil }
        return (Int(window.ws_col), Int(window.ws_row))
    }

    package func write(_ bytes: [UInt8]) throws {
        try waiting.withLock { waiting in
            waiting.append(contentsOf: bytes)
            if isImmediate || waiting.count >= Self.bufferBytes { try drain(&waiting) }
        }
    }

    package func flush() throws {
        try waiting.withLock { try drain(&$0) }
    }

    /// Empties the buffer, also when the system refuses: what cannot be written is not tried again.
    private func drain(_ bytes: inout [UInt8]) throws {
        defer { bytes.removeAll(keepingCapacity: true) }
        var start = 0
        while start < bytes.count {
            let written = bytes.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress! + start, $0.count - start) }
            if written >= 0 {
                start += written
            } else if errno == EAGAIN {
                var waiting = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                _ = poll(&waiting, 1, -1)
            } else if errno != EINTR {
                throw errno == EPIPE ? OutputFailure.closed : OutputFailure.failed(errno: errno)
            }
        }
    }
}

/// Output that is kept in memory, for tests.
package final class CapturedSink: OutputSink {
    package let isTerminal: Bool
    package let size: (columns: Int, lines: Int)?
    private let bytes = Mutex<[UInt8]>([])

    /// - Parameter columns: the width of the terminal that this stands for; nil for a file or pipe.
    package init(columns: Int? = nil) {
        isTerminal = columns != nil
        size = columns.map { ($0, 24) }
    }

    package func write(_ bytes: [UInt8]) throws { self.bytes.withLock { $0 += bytes } }
    package func flush() throws {}
    /// Everything that was written.
    package var text: String { bytes.withLock { String(decoding: $0, as: UTF8.self) } }
}
