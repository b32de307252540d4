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

    /// Compresses bytes as one frame of zstd's, in which a block ends at each of the given places.
    ///
    /// - Parameter ends: rising places within the bytes.
    func compress(_ bytes: [UInt8], endingBlocksAt ends: [Int]) -> [UInt8] {
        // An ended block takes at most three bytes more than its content.
        let bound = ZSTD_compressBound(bytes.count) + 3 * ends.count + 64
        return [UInt8](unsafeUninitializedCapacity: bound) { buffer, count in
            bytes.withUnsafeBytes { bytes in
                var output = ZSTD_outBuffer(dst: buffer.baseAddress, size: bound, pos: 0)
                var start = 0
                for end in ends where end < bytes.count {
                    run(UnsafeRawBufferPointer(rebasing: bytes[start..<end]), ZSTD_e_flush, &output)
                    start = end
                }
                run(UnsafeRawBufferPointer(rebasing: bytes[start...]), ZSTD_e_end, &output)
                count = output.pos
            }
        }
    }

    private func run(_ bytes: UnsafeRawBufferPointer, _ directive: ZSTD_EndDirective, _ output: inout ZSTD_outBuffer) {
        var input = ZSTD_inBuffer(src: bytes.baseAddress, size: bytes.count, pos: 0)
        let left = ZSTD_compressStream2(context, &output, &input, directive)
        precondition(left == 0, "compressing into a buffer of sufficient size succeeds")
    }
}

/// A reused context for decompressing into memory of a known size.
package final class Decompressor {
    private let context: OpaquePointer

    package init() {
        guard let context = ZSTD_createDCtx() else { preconditionFailure("out of memory") }
        self.context = context
    }

    deinit { ZSTD_freeDCtx(context) }

    /// Fills the whole buffer, or throws.
    ///
    /// - Throws: `wire.bad-hash`, `wire.garbage`.
    package func decompress(_ bytes: UnsafeRawBufferPointer, into buffer: UnsafeMutableRawBufferPointer) throws(WireError) {
        let result = ZSTD_decompressDCtx(context, buffer.baseAddress, buffer.count, bytes.baseAddress, bytes.count)
        guard ZSTD_isError(result) == 0 else {
            throw ZSTD_getErrorCode(result) == ZSTD_error_checksum_wrong ? .badHash : .garbage
        }
        guard result == buffer.count else { throw .garbage }
    }
}
