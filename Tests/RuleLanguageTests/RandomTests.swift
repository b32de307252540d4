import Testing

@testable import RuleLanguage

/// Makes trees and texts from a seed.
private struct Maker {
    var numbers: SeededNumbers

    mutating func pick<T>(_ choices: [T]) -> T { choices.randomElement(using: &numbers)! }
    mutating func count(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &numbers) }

    mutating func text(_ lengths: ClosedRange<Int>) -> String {
        let odd =
            " \t\n\r\\\"'`“”‘’「」『』()（）,，、=＝!！<>~～≠≤≥.-_＂＇｀\u{0}\u{7F}\u{85}\u{301}\u{200B}\u{FEFF}"
            + "😀👨‍👩‍👧上海且或非标签andornotisempty0159万é"
        let scalars = Array(odd.unicodeScalars)
        var text = String.UnicodeScalarView()
        for _ in 0..<count(lengths) {
            if count(0...9) == 0, let scalar = Unicode.Scalar(UInt32.random(in: 1...0x10FFFF, using: &numbers)) {
                text.append(scalar)
            } else {
                text.append(pick(scalars))
            }
        }
        return String(text)
    }

    /// The text with one to three scalars removed, doubled or replaced.
    mutating func damaged(_ text: String) -> String {
        var scalars = Array(text.unicodeScalars)
        for _ in 0..<count(1...3) where !scalars.isEmpty {
            let place = count(0...(scalars.count - 1))
            switch count(0...2) {
            case 0: scalars.remove(at: place)
            case 1: scalars.insert(scalars[place], at: place)
            default: scalars[place] = self.text(1...1).unicodeScalars.first!
            }
        }
        var result = String.UnicodeScalarView()
        result.append(contentsOf: scalars)
        return String(result)
    }

    mutating func name() -> String {
        count(0...1) == 0
            ? pick(["city", "order.amount", "客户-等级", "and", "is", "tag", "标签", "tags", "2024", "a b", "ａ", "或者", "in", "_"])
            : text(1...6)
    }

    mutating func literal() -> Literal {
        switch count(0...3) {
        case 0: Literal(number: pick(["0", "-1", "+5", "001", "1_000.50", "100万", "1.5亿"]))!
        case 1: Literal(date: pick(["2024-02-29", "0001-01-01", "2024-01-15T08:00:00Z"]))!
        default: Literal(text: text(0...8))
        }
    }

    mutating func tree(_ depth: Int) -> Expression {
        switch depth == 0 ? 0 : count(0...5) {
        case 0, 1:
            let test: Condition.Test
            switch count(0...4) {
            case 0: test = .isEmpty
            case 1: test = .isNotEmpty
            case 2: test = .isIn((0..<count(1...4)).map { _ in literal() })
            default: test = .compare(pick(Comparison.allCases), literal())
            }
            return .condition(Condition(.field(FieldName(name())), test))
        case 2: return .not(tree(depth - 1))
        case 3, 4: return .and((0..<count(2...4)).map { _ in tree(depth - 1) })
        default: return .or((0..<count(2...4)).map { _ in tree(depth - 1) })
        }
    }
}

struct RandomTests {
    @Test func printedTreesParseToTheSameTree() throws {
        let seed = printedSeed()
        var maker = Maker(numbers: SeededNumbers(seed: seed))
        var parsed = 0
        for _ in 0..<5_000 {
            let tree = maker.tree(maker.count(0...4))
            let text = tree.description
            // Equal texts in Swift may differ in bytes, so the bytes are compared, too.
            do throws(RuleError) {
                let again = try Expression.parse(text)
                #expect(again == tree, "\(text) LIMN_SEED=\(seed)")
                #expect(again.description.utf8.elementsEqual(text.utf8), "\(text) LIMN_SEED=\(seed)")
                parsed += 1
            } catch {
                #expect(error.reason == .tooLong || error.reason == .tooManyNodes, "\(error) \(text) LIMN_SEED=\(seed)")
            }
        }
        #expect(parsed > 4_500)
    }

    @Test func garbageIsReadOrRefused() throws {
        let seed = printedSeed()
        var maker = Maker(numbers: SeededNumbers(seed: seed))
        let words = [
            "city", "=", "!=", "<=", "contains", "in", "(", ")", "(", ")", ",", "and", "or", "not", "is", "empty", "tag(", "\"x\"",
            "100万", "2024-01-15", "`a b`", "且", "或者x", "非标签", "（", "“", "\\", "\"",
        ]
        var accepted = 0
        for _ in 0..<10_000 {
            let text: String
            switch maker.count(0...2) {
            case 0: text = maker.text(0...40)
            case 1: text = (0..<maker.count(1...9)).map { _ in maker.pick(words) }.joined(separator: maker.pick(["", " "]))
            default: text = maker.damaged(maker.tree(2).description)
            }
            do throws(RuleError) {
                guard case .expression(let tree) = try Query.parse(text) else { continue }
                accepted += 1
                #expect(try Expression.parse(tree.description) == tree, "\(text) LIMN_SEED=\(seed)")
                _ = tree.explain { [$0, "1"] }
                _ = try? tree.check(against: SomeFields())
            } catch {
                #expect(error.column >= 1 && error.column <= text.count + 1, "\(text) LIMN_SEED=\(seed)")
            }
        }
        #expect(accepted > 500)
    }
}
