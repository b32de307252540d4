internal import CurlHTTP
internal import ProfileModel

/// `Retry-After` and `Date` (RFC 9110, sections 10.2.3 and 6.6.1).
enum RetryAfter {
    /// How long to wait: a number of seconds, or until a date; nil where the answer does not say, and never negative.
    static func microseconds(_ response: HTTPResponse, now: Int64) -> Int64? {
        guard let text = response.header("Retry-After") else { return nil }
        if let seconds = Double(text), seconds.isFinite { return Int64(min(max(seconds, 0), 86_400 * 366) * 1_000_000) }
        return httpDate(text).map { max(0, $0 - (serverTime(response) ?? now)) }
    }

    /// The server's clock, in microseconds since 1970; whole seconds.
    static func serverTime(_ response: HTTPResponse) -> Int64? { response.header("Date").flatMap(httpDate) }

    /// `Sun, 22 Nov 2026 03:18:09 GMT`.
    static func httpDate(_ text: String) -> Int64? {
        let parts = text.split(separator: " ")
        guard parts.count == 6, parts[5] == "GMT",
            let month = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"].firstIndex(of: String(parts[2]))
        else { return nil }
        let number = month + 1
        return Timestamp.microseconds("\(parts[3])-\(number < 10 ? "0" : "")\(number)-\(parts[1])T\(parts[4])Z")
    }
}
