import DataExchange
import Testing

@Suite struct AnyBytesTests {
    /// What a reader makes of bytes: a table, or the code of its failure.
    private func outcome(_ bytes: [UInt8], step: Int, _ options: TableOptions) -> Result<ReadTable, TableError> {
        do throws(TableError) { return .success(try read(bytes, step: step, options: options)) } catch {
            return .failure(error)
        }
    }

    private func pipeOutcome(_ bytes: [UInt8]) -> Result<ReadTable, TableError> {
        do throws(TableError) { return .success(try readPipe(bytes, step: 2)) } catch { return .failure(error) }
    }

    @Test func anyBytesAreReadAlikeInAnyPieces() throws {
        var generator = SeededGenerator(test: "anyBytesAreReadAlikeInAnyPieces")
        let table =
            ["a", "\"", "\"", ",", ",", "\n", "\n", "\r", "张", "\u{0}", ";"].map { Array($0.utf8) } + [
                [0xFF], [0xB0, 0xA1],
            ]
        let json =
            [
                "{", "}", "[", "]", "\"", "\"", ":", ",", "1", "a", "\\", "\n", " ", "{\"a\":1}", "{\"b\":[1]},",
                "\u{0}", "张",
            ]
            .map { Array($0.utf8) } + [[0xFF]]
        let options = [
            (TableOptions(format: .csv), "a,b\n", table),
            (TableOptions(format: .csv, encoding: .gb18030), "a,b\n", table),
            (TableOptions(format: .csv, encoding: .utf16), "", table), (TableOptions(), "", table + json),
            (TableOptions(format: .jsonLines), "", json), (TableOptions(format: .jsonArray), "[", json),
        ]
        for _ in 0..<1_500 {
            let (options, start, pieces) = options.randomElement(using: &generator)!
            let count = Int.random(in: 0...40, using: &generator)
            let bytes = Array(start.utf8) + (0..<count).flatMap { _ in pieces.randomElement(using: &generator)! }
            let whole = outcome(bytes, step: .max, options)
            let step = Int.random(in: 1...4, using: &generator)
            #expect(outcome(bytes, step: step, options) == whole, "\(bytes)")
            if options.format == nil { #expect(pipeOutcome(bytes) == whole, "\(bytes)") }
        }
    }

    @Test func everyLineOfATableIsARowOrRejected() throws {
        var generator = SeededGenerator(test: "everyLineOfATableIsARowOrRejected")
        let pieces = ["x", "\"", ",", "\n", "\"x\"", "\"\"", "\r\n"]
        for _ in 0..<1_500 {
            let text = "a,b\n" + (0..<30).map { _ in pieces.randomElement(using: &generator)! }.joined()
            let table = try read(text)
            var last = 1
            for row in table.rows {
                switch row {
                case .row(let line, _):
                    #expect(line > last, "\(text)")
                    last = line
                case .rejected(let line, let lastLine, _, _):
                    #expect(line > last && lastLine >= line, "\(text)")
                    last = lastLine
                }
            }
        }
    }
}
