// libcurl's easy handle with typed options and callbacks into a `Transfer`.

import CLibcurl
#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// One easy handle: it keeps its connections, names and TLS sessions from one transfer to the next.
final class CurlEasy {
    private let handle: UnsafeMutableRawPointer
    private let errorText: UnsafeMutablePointer<CChar>

    /// `curl_global_init` runs once, whichever thread comes first.
    private static let library: CURLcode = curl_global_init(Int(CURL_GLOBAL_DEFAULT))

    init() {
        precondition(CurlEasy.library == CURLE_OK, "libcurl does not start")
        guard let handle = curl_easy_init() else { preconditionFailure("out of memory") }
        self.handle = handle
        errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
        errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    }

    deinit {
        curl_easy_cleanup(handle)
        errorText.deallocate()
    }

    // MARK: Options

    func set(_ option: CURLoption, _ value: Int) {
        check(limn_curl_set_number(handle, option, value))
    }

    func set(_ option: CURLoption, _ value: Bool) {
        check(limn_curl_set_number(handle, option, value ? 1 : 0))
    }

    func set(_ option: CURLoption, size: Int) {
        check(limn_curl_set_size(handle, option, curl_off_t(size)))
    }

    func set(_ option: CURLoption, _ text: String?) {
        check(limn_curl_set_text(handle, option, text))
    }

    /// The caller keeps alive what it points to until `reset()`.
    func set(_ option: CURLoption, pointer: UnsafeMutableRawPointer?) {
        check(limn_curl_set_pointer(handle, option, pointer))
    }

    /// Lets the callbacks feed the transfer; the caller keeps it alive until `reset()`.
    func connect(to transfer: Transfer) {
        let context = Unmanaged.passUnretained(transfer).toOpaque()
        check(limn_curl_set_write(handle, CURLOPT_HEADERFUNCTION, receiveHeader))
        check(limn_curl_set_write(handle, CURLOPT_WRITEFUNCTION, receiveBody))
        check(limn_curl_set_read(handle, sendBody))
        check(limn_curl_set_seek(handle, rewindBody))
        check(limn_curl_set_progress(handle, goesOn))
        check(limn_curl_set_socket_setup(handle, keepLittleUnsent))
        for option in [CURLOPT_HEADERDATA, CURLOPT_WRITEDATA, CURLOPT_READDATA, CURLOPT_SEEKDATA, CURLOPT_XFERINFODATA]
        {
            set(option, pointer: context)
        }
        set(CURLOPT_NOPROGRESS, false)
        errorText[0] = 0
        set(CURLOPT_ERRORBUFFER, pointer: errorText)
    }

    private func check(_ code: CURLcode) {
        precondition(code == CURLE_OK, "libcurl refuses an option; it must be 7.85 or later")
    }

    // MARK: A transfer

    func perform() -> CURLcode { curl_easy_perform(handle) }

    /// Forgets all options and pointers; open connections stay.
    func reset() { curl_easy_reset(handle) }

    /// libcurl's words for how the last transfer ended.
    func reason(_ code: CURLcode) -> String {
        errorText[0] != 0 ? String(cString: errorText) : String(cString: curl_easy_strerror(code))
    }

    /// Whether the last transfer had a connection, a new or an old one, over which it could send.
    var wasConnected: Bool { size(CURLINFO_PRETRANSFER_TIME_T) > 0 }

    var metrics: HTTPMetrics {
        HTTPMetrics(
            bytesSent: number(CURLINFO_REQUEST_SIZE) + size(CURLINFO_SIZE_UPLOAD_T),
            bytesReceived: number(CURLINFO_HEADER_SIZE) + size(CURLINFO_SIZE_DOWNLOAD_T),
            milliseconds: size(CURLINFO_TOTAL_TIME_T) / 1000)
    }

    private func number(_ info: CURLINFO) -> Int {
        var value = 0
        check(limn_curl_get_number(handle, info, &value))
        return value
    }

    private func size(_ info: CURLINFO) -> Int {
        var value: curl_off_t = 0
        check(limn_curl_get_size(handle, info, &value))
        return Int(value)
    }
}

// MARK: Callbacks

private func transfer(_ context: UnsafeMutableRawPointer?) -> Transfer {
    guard let context else { preconditionFailure("a callback without its transfer") }
    return Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
}

private let receiveHeader: curl_write_callback = { bytes, size, count, context in
    transfer(context).receive(headerLine: UnsafeRawBufferPointer(start: bytes, count: size * count)) ? size * count : -1
}

private let receiveBody: curl_write_callback = { bytes, size, count, context in
    let buffer = UnsafeRawBufferPointer(start: bytes, count: size * count)
    guard !buffer.isEmpty else { return 0 }
    return transfer(context).receive(body: buffer) ? buffer.count : -1
}

private let sendBody: curl_read_callback = { bytes, size, count, context in
    let buffer = UnsafeMutableRawBufferPointer(start: bytes, count: size * count)
    return transfer(context).send(into: buffer) ?? Int(CURL_READFUNC_ABORT)
}

private let rewindBody: curl_seek_callback = { context, offset, origin in
    let toStart = offset == 0 && origin == SEEK_SET
    return toStart && transfer(context).rewind() ? CURL_SEEKFUNC_OK : CURL_SEEKFUNC_FAIL
}

private let goesOn: curl_xferinfo_callback = { context, _, _, _, _ in
    transfer(context).isCancelled ? 1 : 0
}

/// Lets the system hold at most 64 KiB that it could not send yet.
///
/// Else it would take megabytes of a body at once, and on a slow line nothing would seem to move for minutes: libcurl would
/// give a living transfer up.
private let keepLittleUnsent: curl_sockopt_callback = { _, socket, _ in
    var bytes: CInt = 64 << 10
    // Where the system does not know the option, long uploads need a faster line.
    _ = setsockopt(socket, CInt(IPPROTO_TCP), TCP_NOTSENT_LOWAT, &bytes, socklen_t(MemoryLayout<CInt>.size))
    return CInt(CURL_SOCKOPT_OK)
}
