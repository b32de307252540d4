/// How long to wait before a request is sent again: twice as long each time, and a part of it by chance, so that many do not come back at
/// once.
struct BackOff {
    static let firstMicroseconds: Int64 = 500_000
    static let longestMicroseconds: Int64 = 60_000_000

    /// - Parameters:
    ///   - attempt: 1 after the first failure.
    ///   - random: 64 random bits.
    /// - Returns: between half of the step and the whole of it.
    static func microseconds(attempt: Int, random: UInt64) -> Int64 {
        let step = min(longestMicroseconds, firstMicroseconds << Int64(min(max(attempt, 1) - 1, 16)))
        return step / 2 + Int64(random % UInt64(step / 2 + 1))
    }
}
