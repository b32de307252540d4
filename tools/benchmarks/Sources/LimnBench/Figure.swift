import Foundation

/// Several runs of one measurement.
struct Runs {
    let values: [Double]

    init(_ values: [Double]) { self.values = values.sorted() }

    var median: Double { values[values.count / 2] }
    var lowest: Double { values[0] }
    var highest: Double { values[values.count - 1] }
}

/// One line of the report.
struct Figure {
    let name: String
    let value: Double
    let unit: String
    /// The lowest and highest of several runs.
    var spread: (Double, Double)?
    /// What is asked for: at most this.
    var goal: Double?
    /// What others need for the same rows.
    var anchor = ""

    var isHeld: Bool? { goal.map { value <= $0 } }

    init(_ name: String, _ value: Double, _ unit: String, goal: Double? = nil, anchor: String = "") {
        self.name = name
        self.value = value
        self.unit = unit
        self.goal = goal
        self.anchor = anchor
    }

    init(_ name: String, _ runs: Runs, _ unit: String, goal: Double? = nil, anchor: String = "") {
        self.init(name, runs.median, unit, goal: goal, anchor: anchor)
        spread = (runs.lowest, runs.highest)
    }

    static func text(_ value: Double) -> String {
        if value == value.rounded(), abs(value) < 1e7 { return String(Int(value)) }
        return String(format: abs(value) < 10 ? "%.2f" : "%.1f", value)
    }
}

/// All figures of one run.
struct Report {
    var figures: [Figure] = []
    let rows: Int
    let scale: Int?

    mutating func add(_ figure: Figure) {
        figures.append(figure)
        FileHandle.standardError.write(Data("  \(figure.name): \(Figure.text(figure.value)) \(figure.unit)\n".utf8))
    }

    /// The figures as a table.
    var table: String {
        var lines = [["figure", "measured", "lowest–highest", "goal", "held", "anchors on the same rows"]]
        for figure in figures {
            lines.append([
                figure.name, "\(Figure.text(figure.value)) \(figure.unit)",
                figure.spread.map { "\(Figure.text($0.0))–\(Figure.text($0.1))" } ?? "", figure.goal.map { "≤ \(Figure.text($0))" } ?? "",
                figure.isHeld.map { $0 ? "yes" : "NO" } ?? "", figure.anchor,
            ])
        }
        let widths = (0..<6).map { column in lines.map { $0[column].count }.max()! }
        return lines.map { line in
            zip(line, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }.joined(separator: "  ").trimmingCharacters(in: .whitespaces)
        }.joined(separator: "\n") + "\n"
    }

    /// The figures as a JSON document.
    func json() throws -> Data {
        let list = figures.map { figure -> [String: Any] in
            [
                "figure": figure.name, "value": figure.value, "unit": figure.unit, "lowest": figure.spread.map { $0.0 as Any } ?? NSNull(),
                "highest": figure.spread.map { $0.1 as Any } ?? NSNull(), "goal": figure.goal.map { $0 as Any } ?? NSNull(), "held": figure.isHeld.map { $0 as Any } ?? NSNull(), "anchor": figure.anchor,
            ]
        }
        let document: [String: Any] = ["schema": "limn.bench/1", "data": ["rows": rows, "scale": scale.map { $0 as Any } ?? NSNull(), "figures": list]]
        return try JSONSerialization.data(withJSONObject: document, options: [.prettyPrinted, .sortedKeys])
    }
}
