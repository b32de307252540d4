internal import Foundation
internal import ProfileModel
internal import Synchronization

/// Where answers and data come from: standard input, or memory in a test.
package protocol InputSource: Sendable {
    /// Whether a person types here.
    var isTerminal: Bool { get }
    /// The next bytes, at most `count` of them; empty at the end.
    ///
    /// - Throws: `InputFailure`.
    func read(upTo count: Int) throws -> [UInt8]
    /// Stops or resumes showing what is typed, for secrets.
    func setEcho(_ isOn: Bool)
}

/// Input that cannot be read.
package enum InputFailure: CodedError {
    case failed(errno: Int32)
    /// A signal arrived while the program waited for input.
    case interrupted
    /// Something had to be asked and nobody is there to answer; holds the argument that answers it instead.
    case nobodyToAsk(instead: String)

    package var code: String {
        switch self {
        case .failed: "general.input-failed"
        case .interrupted: "general.interrupted"
        case .nobodyToAsk: "general.input-needed"
        }
    }

    package var parameters: [String: String] {
        switch self {
        case .failed(let number): ["reason": String(cString: strerror(number))]
        case .interrupted: [:]
        case .nobodyToAsk(let instead): ["argument": instead]
        }
    }
}

extension InputSource {
    /// The next line without its line break, nil at the end.
    ///
    /// - Throws: `InputFailure`.
    package func readLine() throws -> String? {
        var line: [UInt8] = []
        while true {
            let byte = try read(upTo: 1)
            guard let byte = byte.first else { return line.isEmpty ? nil : String(decoding: line, as: UTF8.self) }
            if byte == UInt8(ascii: "\n") { break }
            line.append(byte)
        }
        if line.last == UInt8(ascii: "\r") { line.removeLast() }
        return String(decoding: line, as: UTF8.self)
    }

    /// Everything up to the end, or nil where there is more than `limitBytes`.
    ///
    /// - Throws: `InputFailure`.
    package func readAll(limitBytes: Int) throws -> [UInt8]? {
        var all: [UInt8] = []
        while true {
            let part = try read(upTo: 65_536)
            if part.isEmpty { return all }
            all += part
            if all.count > limitBytes { return nil }
        }
    }
}

/// Input from a file descriptor.
package final class DescriptorSource: InputSource {
    package let isTerminal: Bool
    private let descriptor: Int32

    package init(descriptor: Int32) {
        self.descriptor = descriptor
        isTerminal = isatty(descriptor) == 1
    }

    package func read(upTo count: Int) throws -> [UInt8] {
        var failure: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            let received = Foundation.read(descriptor, buffer.baseAddress!, count)
            if received < 0 { failure = errno }
            filled = max(0, received)
        }
        if failure == EINTR { throw InputFailure.interrupted }
        if failure != 0 { throw InputFailure.failed(errno: failure) }
        return bytes
    }

    package func setEcho(_ isOn: Bool) {
        var settings = termios()
        guard isTerminal, tcgetattr(descriptor, &settings) == 0 else { return }
        if isOn { settings.c_lflag |= tcflag_t(ECHO) } else { settings.c_lflag &= ~tcflag_t(ECHO) }
        tcsetattr(descriptor, TCSANOW, &settings)
    }
}

/// Input from memory, for tests.
package final class CannedSource: InputSource {
    package let isTerminal: Bool
    private let rest: Mutex<ArraySlice<UInt8>>

    package init(_ text: String = "", isTerminal: Bool = false) {
        rest = Mutex(Array(text.utf8)[...])
        self.isTerminal = isTerminal
    }

    package func read(upTo count: Int) throws -> [UInt8] {
        rest.withLock { rest in
            let part = Array(rest.prefix(count))
            rest = rest.dropFirst(count)
            return part
        }
    }

    package func setEcho(_ isOn: Bool) {}
}
