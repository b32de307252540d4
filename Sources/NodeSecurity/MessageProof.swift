internal import Crypto
internal import Foundation

/// What proves that a message is from somebody who knows a secret.
public enum MessageProof {
    /// Whether two texts are the same, in a time that tells neither how far they agree nor how long the expected one is.
    public static func agree(_ given: String, _ expected: String) -> Bool {
        // Of hashes nobody can tell anything by their first different byte.
        let key = SymmetricKey(size: .bits256)
        return HMAC<SHA256>.authenticationCode(for: Data(given.utf8), using: key) == HMAC<SHA256>.authenticationCode(for: Data(expected.utf8), using: key)
    }

    /// HMAC-SHA256 (RFC 2104).
    public static func hmacSHA256(_ message: [UInt8], secret: String) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: message, using: SymmetricKey(data: Data(secret.utf8))))
    }

    /// HMAC-SHA1, for systems that offer nothing better.
    public static func hmacSHA1(_ message: [UInt8], secret: String) -> [UInt8] {
        Array(HMAC<Insecure.SHA1>.authenticationCode(for: message, using: SymmetricKey(data: Data(secret.utf8))))
    }

    /// SHA-1, for systems that offer nothing better.
    public static func sha1(_ message: [UInt8]) -> [UInt8] { Array(Insecure.SHA1.hash(data: message)) }

    /// Bytes as hexadecimal digits, in lower case.
    public static func hexadecimal(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    /// Bytes in base 64 (RFC 4648, section 4).
    public static func base64(_ bytes: [UInt8]) -> String { Data(bytes).base64EncodedString() }
}
