internal import Messages
internal import NodeOperations

/// The weights of a pair as horizontal bars around an axis: to the left what speaks for two customers, to the right what speaks for one.
struct WeightChart {
    let evidence: LinkEvidence

    /// The bars of either side take so many columns: fewer on a narrow terminal.
    private static let sideColumns = (least: 6, most: 24)
    /// What the other columns of the table take at most.
    private static let besidesColumns = 60

    private struct Step {
        let label: String
        let weight: Double
    }

    private var steps: [Step] {
        var steps: [Step] = []
        if evidence.prior != 0 { steps.append(Step(label: Catalogue.text("label.weights-prior"), weight: evidence.prior)) }
        steps += evidence.bars.map { Step(label: $0.reason, weight: $0.weight) }
        if evidence.related != 0 { steps.append(Step(label: Catalogue.text("label.weights-related"), weight: evidence.related)) }
        return steps
    }

    func show(on page: inout TextPage) {
        let steps = steps
        let side = page.columns.map { min(Self.sideColumns.most, max(Self.sideColumns.least, ($0 - Self.besidesColumns) / 2)) } ?? Self.sideColumns.most
        let most = max(1, steps.map { abs($0.weight) }.max() ?? 1)
        var table = TextTable([
            .init(Catalogue.text("label.comparison")), .init(Self.title(side), shrinks: false),
            .init(Catalogue.text("label.weight"), .right, shrinks: false), .init(Catalogue.text("label.running-sum"), .right, shrinks: false),
        ])
        var sum = 0.0
        for step in steps {
            sum += step.weight
            table.add([
                TextTable.Cell(step.label), TextTable.Cell(Self.bar(step.weight / most, side), step.weight < 0 ? .red : .green),
                TextTable.Cell(Self.signed(step.weight)), TextTable.Cell(Self.signed(sum)),
            ])
        }
        page.table(table)
        page.line(Catalogue.text("label.weights-total", ["sum": Self.signed(evidence.total), "probability": evidence.percent]), .bold)
        if !evidence.because.isEmpty { page.line(evidence.because) }
    }

    /// A bar on its side of the axis; whatever is not nothing has one block.
    ///
    /// - Parameter share: of the longest bar, from -1 to 1.
    private static func bar(_ share: Double, _ side: Int) -> String {
        let blocks = share == 0 ? 0 : max(1, Int((abs(share) * Double(side)).rounded()))
        let left = share < 0 ? String(repeating: " ", count: side - blocks) + String(repeating: "█", count: blocks) : String(repeating: " ", count: side)
        return left + "│" + (share > 0 ? String(repeating: "█", count: blocks) : "")
    }

    /// The words above the axis, so that its mark stands above it.
    private static func title(_ side: Int) -> String {
        let words = Catalogue.text("label.against-for").split(separator: "│").map(String.init)
        guard words.count == 2 else { return "" }
        let left = DisplayWidth.columns(words[0]) <= side ? words[0] : ""
        let right = DisplayWidth.columns(words[1]) <= side ? words[1] : ""
        return String(repeating: " ", count: side - DisplayWidth.columns(left)) + left + "│" + right
    }

    /// Bits with a sign and one digit behind the point.
    private static func signed(_ bits: Double) -> String {
        let tenths = Int((abs(bits) * 10).rounded())
        return "\(bits < 0 && tenths > 0 ? "−" : "+")\(tenths / 10).\(tenths % 10)"
    }
}
