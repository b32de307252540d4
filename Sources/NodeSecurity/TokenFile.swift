#if canImport(Glibc)
internal import Glibc
#else
internal import Darwin
#endif

/// A secret text that was read from a file, so that it stands in no argument and in no list of processes.
public struct SecretFile: Sendable {
    /// The text as it stands in the file.
    public let text: String
    /// Whether other users of this machine may read the file: worth a warning, `security.token-file-open`.
    public let isOpenToOthers: Bool

    /// Reads a file, or a pipe such as `/dev/stdin`, to its end.
    ///
    /// - Throws: `security.token-file-missing`, `security.token-file-unreadable`, `security.token-malformed`, the last for more bytes than
    ///   the maximum.
    public init(path: String, bytesMaximum: Int = 64 << 10) throws(SecurityError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw errno == ENOENT ? .tokenFileMissing(path: path) : .tokenFileUnreadable(path: path, reason: Self.reason(errno))
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .tokenFileUnreadable(path: path, reason: Self.reason(errno)) }
        let isFile = status.st_mode & S_IFMT == S_IFREG
        isOpenToOthers = isFile && status.st_mode & (S_IRGRP | S_IROTH) != 0

        var bytes = [UInt8](repeating: 0, count: bytesMaximum + 1)
        var count = 0
        while count < bytes.count {
            let got = bytes.withUnsafeMutableBytes { read(descriptor, $0.baseAddress! + count, $0.count - count) }
            if got == 0 { break }
            if got < 0, errno == EINTR { continue }
            guard got > 0 else { throw .tokenFileUnreadable(path: path, reason: Self.reason(errno)) }
            count += got
        }
        guard count <= bytesMaximum else { throw .tokenMalformed }
        text = String(decoding: bytes.prefix(count), as: UTF8.self)
    }

    private static func reason(_ number: Int32) -> String { String(cString: strerror(number)) }
}

/// A token that was read from a file, so that it stands in no argument and in no list of processes.
public struct TokenFile: Sendable {
    public let token: AccessToken
    /// Whether other users of this machine may read the file: worth a warning, `security.token-file-open`.
    public let isOpenToOthers: Bool

    private static let bytesMaximum = 4096

    /// Reads a file, or a pipe such as `/dev/stdin`, to its end.
    ///
    /// - Throws: `security.token-file-missing`, `security.token-file-unreadable`, `security.token-malformed`, the last also
    ///   for more than 4 KiB.
    public init(path: String) throws(SecurityError) {
        let file = try SecretFile(path: path, bytesMaximum: Self.bytesMaximum)
        isOpenToOthers = file.isOpenToOthers
        token = try AccessToken(text: file.text)
    }
}
