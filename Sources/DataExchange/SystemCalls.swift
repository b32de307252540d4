#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// The system's own words for an error number.
func systemMessage(_ number: Int32) -> String { String(cString: strerror(number)) }

/// Opens a file, or returns the error number.
func openDescriptor(_ path: String, _ flags: Int32, mode: mode_t = 0o644) -> Result<Int32, SystemFailure> {
    let descriptor = open(path, flags | O_CLOEXEC, mode)
    return descriptor >= 0 ? .success(descriptor) : .failure(SystemFailure(number: errno))
}

/// The error number of a failed system call.
struct SystemFailure: Error {
    let number: Int32
}
