import Foundation

/// What a measurement found not to hold.
struct Failure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

enum Output {
    /// Prints one figure.
    ///
    /// - Parameter goal: at most this.
    static func figure(_ name: String, _ value: Double, _ unit: String, goal: Double? = nil, anchor: String = "") throws {
        var line: [String: Any] = ["figure": name, "value": value, "unit": unit, "anchor": anchor]
        if let goal { line["goal"] = goal }
        FileHandle.standardOutput.write(try JSONSerialization.data(withJSONObject: line, options: [.sortedKeys, .withoutEscapingSlashes]) + Data("\n".utf8))
    }

    /// Tells how far a long measurement is.
    static func progress(_ text: String) { FileHandle.standardError.write(Data("  \(text)\n".utf8)) }

    /// The most memory that this process has held, in bytes.
    static func peakBytes() -> Int {
        var usage = rusage()
        getrusage(Int32(RUSAGE_SELF.rawValue), &usage)
        return usage.ru_maxrss << 10
    }
}

extension [Double] {
    /// The value that so many percent of all are not above.
    func percentile(_ percent: Int) -> Double {
        let sorted = sorted()
        return sorted[Swift.min(sorted.count - 1, sorted.count * percent / 100)]
    }
}

extension Duration {
    var seconds: Double { self / .seconds(1) }
}
