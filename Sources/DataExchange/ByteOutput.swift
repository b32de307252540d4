#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// A buffered stream of bytes to a file, standard output or a function.
///
/// A regular file appears under its name only when `finish()` has been called: until then it is written beside it, so
/// that an interrupted export leaves neither half a file nor a spoilt older one.
public final class ByteOutput {
    private enum Target {
        case descriptor(Int32, closes: Bool)
        case function((UnsafeRawBufferPointer) throws(TableError) -> Void)
    }

    private let target: Target
    private let name: String
    /// Where the bytes go until the output is finished.
    private let temporaryPath: String?
    private var buffer: [UInt8] = []
    private var isFinished = false
    /// How many bytes have been written.
    public private(set) var bytesWritten: Int64 = 0

    private init(_ target: Target, name: String, temporaryPath: String?) {
        self.target = target
        self.name = name
        self.temporaryPath = temporaryPath
        buffer.reserveCapacity(TableLimits.chunkBytes)
    }

    /// Writes a file at this path; `-` stands for standard output.
    ///
    /// - Throws: `exchange.file-uncreatable`.
    public convenience init(path: String) throws(TableError) {
        if path == "-" {
            self.init(.descriptor(1, closes: false), name: path, temporaryPath: nil)
            return
        }
        var information = stat()
        let special = stat(path, &information) == 0 && information.st_mode & S_IFMT != S_IFREG
        let temporary = special ? nil : "\(path).\(getpid()).part"
        switch openDescriptor(temporary ?? path, O_WRONLY | O_CREAT | (special ? 0 : O_TRUNC)) {
        case .success(let descriptor):
            self.init(.descriptor(descriptor, closes: true), name: path, temporaryPath: temporary)
        case .failure(let failure):
            throw .fileUncreatable(path, failure.number)
        }
    }

    /// Writes by calling a function with each stretch of bytes.
    public convenience init(writing: @escaping (UnsafeRawBufferPointer) throws(TableError) -> Void) {
        self.init(.function(writing), name: "-", temporaryPath: nil)
    }

    deinit {
        if isFinished { return }
        if case .descriptor(let descriptor, true) = target { close(descriptor) }
        if let temporaryPath { unlink(temporaryPath) }
    }

    /// Writes bytes.
    ///
    /// - Throws: `exchange.file-unwritable`.
    public func write(_ bytes: [UInt8]) throws(TableError) {
        buffer.append(contentsOf: bytes)
        bytesWritten += Int64(bytes.count)
        if buffer.count >= TableLimits.chunkBytes { try flush() }
    }

    /// Hands all that has been written to the system.
    ///
    /// - Throws: `exchange.file-unwritable`.
    public func flush() throws(TableError) {
        let pending = buffer
        buffer.removeAll(keepingCapacity: true)
        var failure: TableError?
        pending.withUnsafeBytes { bytes in
            do throws(TableError) { try send(bytes) } catch { failure = error }
        }
        if let failure { throw failure }
    }

    private func send(_ bytes: UnsafeRawBufferPointer) throws(TableError) {
        switch target {
        case .function(let function):
            if !bytes.isEmpty { try function(bytes) }
        case .descriptor(let descriptor, _):
            var sent = 0
            while sent < bytes.count {
                let count = systemWrite(descriptor, bytes.baseAddress! + sent, bytes.count - sent)
                if count >= 0 {
                    sent += count
                } else if errno != EINTR {
                    throw .fileUnwritable(name, errno)
                }
            }
        }
    }

    /// Writes what is left and gives the file its name.
    ///
    /// - Durability: the file is as durable as the system makes a closed file; it is not forced to disk.
    /// - Throws: `exchange.file-unwritable`.
    public func finish() throws(TableError) {
        precondition(!isFinished, "an output is finished once")
        try flush()
        isFinished = true
        if case .descriptor(let descriptor, true) = target, close(descriptor) != 0 {
            let number = errno
            if let temporaryPath { unlink(temporaryPath) }
            throw .fileUnwritable(name, number)
        }
        if let temporaryPath, rename(temporaryPath, name) != 0 {
            let number = errno
            unlink(temporaryPath)
            throw .fileUnwritable(name, number)
        }
    }
}

private func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawPointer, _ count: Int) -> Int {
    write(descriptor, bytes, count)
}
