/// A table for people: columns aligned by what a terminal shows, cut to its width.
package struct TextTable: Sendable {
    /// Which end of a cell stands at the edge of its column.
    package enum Alignment: Sendable { case left, right }

    /// A column and how it behaves when the terminal is too narrow.
    package struct Column: Sendable {
        package var title: String
        package var alignment: Alignment
        /// Whether its cells may be cut; ids and keys, which readers copy, may not.
        package var shrinks: Bool

        package init(_ title: String, _ alignment: Alignment = .left, shrinks: Bool = true) {
            self.title = title
            self.alignment = alignment
            self.shrinks = shrinks
        }
    }

    /// A text in a table and how it is shown.
    package struct Cell: Sendable, ExpressibleByStringLiteral {
        package var text: String
        package var style: TextStyle

        package init(_ text: String, _ style: TextStyle = .plain) {
            self.text = text
            self.style = style
        }

        package init(stringLiteral value: String) { self.init(value) }
    }

    package var columns: [Column]
    /// Rows from top to bottom; a row that is too short ends in empty cells.
    package private(set) var rows: [[Cell]] = []

    package init(_ columns: [Column]) { self.columns = columns }

    /// Appends a row of cells.
    package mutating func add(_ row: [Cell]) { rows.append(row) }
    /// Appends a row of plain texts.
    package mutating func add(_ row: [String]) { rows.append(row.map { Cell($0) }) }

    /// The table's lines, with the titles first.
    ///
    /// - Parameter limit: the columns of the terminal; nil where nothing is cut, because there is no terminal.
    /// - Complexity: linear in the text; one pass to measure and one to write.
    func lines(limit: Int?, color: Bool) -> [String] {
        let cells = rows.map { row in row.map { Cell($0.text.printable(), $0.style) } }
        let widths = fittedWidths(cells, limit: limit)
        var lines = [line(columns.map { Cell($0.title, .bold) }, widths, cuts: limit != nil, color: color)]
        lines.reserveCapacity(cells.count + 1)
        for row in cells { lines.append(line(row, widths, cuts: limit != nil, color: color)) }
        return lines
    }

    private static let gap = 2
    /// A column that may be cut keeps at least this many columns of the terminal.
    private static let narrowest = 6
    /// Where nothing is cut, a cell wider than this pushes its row aside rather than widening every row.
    private static let widestPadding = 60

    private func fittedWidths(_ rows: [[Cell]], limit: Int?) -> [Int] {
        var widths = columns.map { DisplayWidth.columns($0.title) }
        for row in rows {
            for (index, cell) in row.prefix(widths.count).enumerated() {
                widths[index] = max(widths[index], DisplayWidth.columns(cell.text))
            }
        }
        guard let limit else { return widths.map { min($0, Self.widestPadding) } }
        widths = zip(widths, columns).map { $1.shrinks ? min($0, max(limit, Self.narrowest)) : $0 }
        var excess = widths.reduce(0, +) + Self.gap * (widths.count - 1) - limit
        while excess > 0 {
            let candidates = widths.indices.filter { columns[$0].shrinks && widths[$0] > Self.narrowest }
            guard let widest = candidates.max(by: { widths[$0] < widths[$1] }) else { break }
            widths[widest] -= 1
            excess -= 1
        }
        return widths
    }

    private func line(_ row: [Cell], _ widths: [Int], cuts: Bool, color: Bool) -> String {
        var line = ""
        var pendingSpaces = 0
        for index in columns.indices {
            let cell = index < row.count ? row[index] : ""
            let text = cuts && columns[index].shrinks ? DisplayWidth.truncated(cell.text, to: widths[index]) : cell.text
            let padding = max(0, widths[index] - DisplayWidth.columns(text))
            if columns[index].alignment == .right { pendingSpaces += padding }
            if !text.isEmpty {
                line += String(repeating: " ", count: pendingSpaces)
                line += cell.style.applied(to: text, color: color)
                pendingSpaces = 0
            }
            if columns[index].alignment == .left { pendingSpaces += padding }
            pendingSpaces += Self.gap
        }
        return line
    }
}
