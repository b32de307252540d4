import MergeVectors
import Testing

@testable import Causality

/// Cells in one piece of memory read as a list of cells would.
@Suite struct PlainCellsTests {
    private func cell(_ field: UInt64, _ element: [UInt8], _ value: [UInt8]) -> CompactRow.PlainCell {
        CompactRow.PlainCell(key: CellKey(field: field, element: element), value: value)
    }

    private func randomCells(_ random: inout SplitMix64, _ count: Int) -> [CompactRow.PlainCell] {
        (0..<count).map { _ in
            let element = (0..<(random.next() % 3)).map { _ in UInt8(1 + random.next() % 2) }
            return cell(random.next() % 5, element, (0..<(random.next() % 4)).map { _ in UInt8(random.next() % 3) })
        }
    }

    @Test func cellsReadAsAList() throws {
        try TestSeed.forEach(2_000) { random in
            let list = randomCells(&random, Int(random.next() % 4 == 0 ? random.next() % 200 : random.next() % 20))
            var sorted: [CompactRow.PlainCell] = []
            for cell in list where !sorted.contains(where: { $0.key == cell.key }) { sorted.append(cell) }
            sorted.sort { $0.key < $1.key }
            var cells = PlainCells(list)
            #expect(Array(cells) == list)
            cells.sort()
            #expect(Array(cells) == sorted)
            #expect(cells.isInOrder)
            #expect(cells == PlainCells(sorted))
            #expect(cells.hashValue == PlainCells(sorted).hashValue)
            for field in 0..<5 as Range<UInt64> {
                #expect(cells.value(of: field) == sorted.first { $0.key == CellKey(field: field) }?.value)
                #expect(cells.elements(of: field).filter { !$0.isEmpty }
                    == sorted.filter { $0.key.field == field && !$0.key.element.isEmpty }.map(\.key.element))
            }
            var others = PlainCells(randomCells(&random, Int(random.next() % 20)))
            others.sort()
            #expect(cells.cells(notIn: others) == sorted.filter { !others.contains($0) })
        }
    }

    @Test func orderIsTold() {
        #expect(PlainCells().isInOrder)
        #expect(PlainCells([cell(1, [], [9]), cell(1, [1], []), cell(1, [1, 0], []), cell(2, [], [])]).isInOrder)
        #expect(!PlainCells([cell(2, [], []), cell(1, [], [])]).isInOrder)
        #expect(!PlainCells([cell(1, [2], []), cell(1, [2], [1])]).isInOrder)
    }

    @Test func aCellWhoseValueFailsIsNotThere() {
        struct Failure: Error {}
        var cells = PlainCells([cell(1, [1, 2], [3])])
        #expect(throws: Failure.self) {
            try cells.append(
                field: 2, writingElement: { (bytes: inout [UInt8]) throws(Failure) in bytes += [4] },
                writingValue: { (bytes: inout [UInt8]) throws(Failure) in
                    bytes += [5]
                    throw Failure()
                })
        }
        #expect(Array(cells) == [cell(1, [1, 2], [3])])
        #expect(cells.byteCount == 3)
    }
}
