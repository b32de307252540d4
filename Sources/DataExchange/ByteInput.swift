#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// A stream of bytes that a table is read from: a file, standard input, bytes in memory or a function.
///
/// It never holds more of a file than the caller's buffer.
public final class ByteInput {
    private enum Source {
        case descriptor(Int32, closes: Bool, seekable: Bool)
        case memory([UInt8], step: Int)
        case function((UnsafeMutableRawBufferPointer) throws(TableError) -> Int)
    }

    private let source: Source
    /// The name of the input in messages: a path, or `-`.
    public let name: String
    /// How many bytes have been read so far, for progress.
    public private(set) var bytesRead: Int64 = 0
    /// The size of the whole input in bytes, where it is known beforehand.
    public let totalBytes: Int64?

    private init(_ source: Source, name: String, totalBytes: Int64?) {
        self.source = source
        self.name = name
        self.totalBytes = totalBytes
    }

    /// Opens the file at this path; `-` stands for standard input.
    ///
    /// - Throws: `exchange.file-missing`, `exchange.file-unreadable`.
    public convenience init(path: String) throws(TableError) {
        if path == "-" {
            self.init(.descriptor(0, closes: false, seekable: false), name: path, totalBytes: nil)
            return
        }
        let descriptor: Int32
        switch openDescriptor(path, O_RDONLY) {
        case .success(let opened): descriptor = opened
        case .failure(let failure):
            let missing = failure.number == ENOENT || failure.number == ENOTDIR
            throw missing ? .fileMissing(path) : .fileUnreadable(path, failure.number)
        }
        var information = stat()
        let known = fstat(descriptor, &information) == 0
        if known && information.st_mode & S_IFMT == S_IFDIR {
            close(descriptor)
            throw .fileUnreadable(path, EISDIR)
        }
        let regular = known && information.st_mode & S_IFMT == S_IFREG
        self.init(
            .descriptor(descriptor, closes: true, seekable: regular), name: path,
            totalBytes: regular ? Int64(information.st_size) : nil)
    }

    /// Reads from bytes in memory, at most `step` of them at a time.
    public convenience init(bytes: [UInt8], step: Int = .max, name: String = "-") {
        precondition(step > 0, "a step of no bytes would never end")
        self.init(.memory(bytes, step: step), name: name, totalBytes: Int64(bytes.count))
    }

    /// Reads by calling a function that fills the start of a buffer and returns how many bytes it put there, 0 at the
    /// end.
    public convenience init(
        name: String, totalBytes: Int64? = nil,
        reading: @escaping (UnsafeMutableRawBufferPointer) throws(TableError) -> Int
    ) {
        self.init(.function(reading), name: name, totalBytes: totalBytes)
    }

    deinit {
        if case .descriptor(let descriptor, true, _) = source { close(descriptor) }
    }

    /// Fills the start of a buffer and returns how many bytes it put there, 0 at the end.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws(TableError) -> Int {
        let count: Int
        switch source {
        case .descriptor(let descriptor, _, _):
            count = try readDescriptor(descriptor, into: buffer)
        case .memory(let bytes, let step):
            let start = Int(bytesRead)
            count = min(buffer.count, step, bytes.count - start)
            bytes.withUnsafeBytes { all in
                buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: all[start..<start + count]))
            }
        case .function(let function):
            count = try function(buffer)
        }
        bytesRead += Int64(count)
        return count
    }

    private func readDescriptor(
        _ descriptor: Int32, into buffer: UnsafeMutableRawBufferPointer
    ) throws(TableError) -> Int {
        while true {
            #if canImport(Glibc)
                let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
            #else
                let count = Darwin.read(descriptor, buffer.baseAddress, buffer.count)
            #endif
            if count >= 0 { return count }
            if errno != EINTR { throw .fileUnreadable(name, errno) }
        }
    }

    /// Goes back to a byte read earlier; returns false where the input cannot.
    func seek(to offset: Int64) -> Bool {
        switch source {
        case .descriptor(let descriptor, _, true):
            guard lseek(descriptor, off_t(offset), SEEK_SET) >= 0 else { return false }
        case .memory:
            break
        case .descriptor, .function:
            return false
        }
        bytesRead = offset
        return true
    }
}
