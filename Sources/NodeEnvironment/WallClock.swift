#if canImport(Glibc)
internal import Glibc
#else
internal import Darwin
#endif

/// The machine's clock.
enum WallClock {
    /// Microseconds since 1970-01-01 UTC.
    static func microseconds() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000
    }
}
