// What proves to a node who calls it.

internal import Crypto
public import NodeEnvironment

/// A secret that lets one node call another: 256 random bits.
///
/// As text it is `limn_` and 56 characters: the bits and a checksum of 24 bits in lower-case Crockford base 32, which
/// leaves out letters that look like digits. The prefix lets scanners for leaked secrets find it, and the checksum tells
/// a token that was not copied whole from one that nobody admits.
///
/// - Privacy: it has no description; only `text` gives it away.
public struct AccessToken: Sendable {
    private static let prefix = "limn_"
    private static let secretByteCount = 32
    private static let checksumByteCount = 3

    private let secret: [UInt8]

    /// A new token.
    ///
    /// - Parameter environment: its random bits must be fit for keys.
    public init(_ environment: some NodeEnvironment) {
        secret = (0..<Self.secretByteCount / 8).flatMap { _ in
            withUnsafeBytes(of: environment.random().bigEndian) { [UInt8]($0) }
        }
    }

    /// Reads a token from its text, with white space around it or without.
    ///
    /// - Throws: `security.token-malformed`.
    public init(text: some StringProtocol) throws(SecurityError) {
        let trimmed = Array(text.utf8).trimming { $0 == 0x20 || (0x09...0x0D).contains($0) }
        guard trimmed.starts(with: Self.prefix.utf8), let bytes = Base32.bytes(of: trimmed.dropFirst(Self.prefix.utf8.count)),
            bytes.count == Self.secretByteCount + Self.checksumByteCount
        else { throw .tokenMalformed }
        secret = Array(bytes.prefix(Self.secretByteCount))
        guard bytes.suffix(Self.checksumByteCount).elementsEqual(Self.checksum(of: secret)) else { throw .tokenMalformed }
    }

    /// The token as people and files carry it.
    public var text: String {
        Self.prefix + Base32.text(of: secret + Self.checksum(of: secret))
    }

    /// What a node keeps of a token that it gave away.
    ///
    /// SHA-256 without salt: nobody guesses 256 random bits, so that a slow hash would add nothing.
    public var hash: TokenHash {
        TokenHash(Array(SHA256.hash(data: secret)))
    }

    private static func checksum(of secret: [UInt8]) -> some Sequence<UInt8> {
        SHA256.hash(data: Array("limn token".utf8) + secret).prefix(checksumByteCount)
    }
}

extension AccessToken: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Says that it is a token and not which.
    public var description: String { "AccessToken" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// The SHA-256 hash of a token.
public struct TokenHash: Sendable {
    public let bytes: [UInt8]

    /// - Parameter bytes: as `bytes` gave them; of another length, they are the hash of no token.
    public init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }
}

extension TokenHash: Equatable {
    /// Compares in a time that does not tell how far two hashes of the same length agree.
    public static func == (a: TokenHash, b: TokenHash) -> Bool {
        guard a.bytes.count == b.bytes.count else { return false }
        var difference: UInt8 = 0
        for index in a.bytes.indices { difference |= a.bytes[index] ^ b.bytes[index] }
        return difference == 0
    }
}

extension [UInt8] {
    fileprivate func trimming(while matches: (UInt8) -> Bool) -> ArraySlice<UInt8> {
        var rest = drop(while: matches)
        while let last = rest.last, matches(last) { rest.removeLast() }
        return rest
    }
}
