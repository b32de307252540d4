internal import CLibzstd

/// A reused context for compressing, with a checksum of the content in every result.
final class Compressor {
    private let context: OpaquePointer

    init(level: Int32) {
        guard let context = ZSTD_createCCtx() else { preconditionFailure("out of memory") }
        self.context = context
        ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, level)
        ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1)
    }

    deinit { ZSTD_freeCCtx(context) }

    func compress(_ bytes: [UInt8]) -> [UInt8] {
        let bound = ZSTD_compressBound(bytes.count)
        return [UInt8](unsafeUninitializedCapacity: bound) { buffer, count in
            let result = bytes.withUnsafeBytes { ZSTD_compress2(context, buffer.baseAddress, bound, $0.baseAddress, $0.count) }
            precondition(ZSTD_isError(result) == 0, "compressing into a buffer of sufficient size succeeds")
            count = result
        }
    }
}

/// A reused context for decompressing into memory of a known size.
final class Decompressor {
    private let context: OpaquePointer

    init() {
        guard let context = ZSTD_createDCtx() else { preconditionFailure("out of memory") }
        self.context = context
    }

    deinit { ZSTD_freeDCtx(context) }

    /// Fills the whole buffer, or throws.
    ///
    /// - Throws: `wire.bad-hash`, `wire.garbage`.
    func decompress(_ bytes: UnsafeRawBufferPointer, into buffer: UnsafeMutableRawBufferPointer) throws(WireError) {
        let result = ZSTD_decompressDCtx(context, buffer.baseAddress, buffer.count, bytes.baseAddress, bytes.count)
        guard ZSTD_isError(result) == 0 else {
            throw ZSTD_getErrorCode(result) == ZSTD_error_checksum_wrong ? .badHash : .garbage
        }
        guard result == buffer.count else { throw .garbage }
    }
}
