/// A line chart as inline SVG, coloured by the page's style sheet.
struct Chart {
  /// One line; `style` is the class that colours it.
  struct Line {
    let name: String
    let style: String
    let points: [(x: Double, y: Double)]
    /// Whether what is under the line is tinted.
    var isFilled = false
  }

  /// A place on an axis and what stands there.
  typealias Tick = (value: Double, label: String)

  private static let width = 480.0
  private static let height = 260.0
  private static let left = 58.0
  private static let right = 26.0
  private static let top = 12.0
  private static let bottom = 30.0
  /// More points than a screen shows apart.
  private static let columnsMax = 240

  let label: String
  let lines: [Line]
  let xTicks: [Tick]
  let yTicks: [Tick]
  /// Whether equal distances on the y axis are equal ratios.
  let isLogarithmic: Bool
  let yFormat: (Double) -> String
  let xFormat: (Double) -> String

  private var xBounds: ClosedRange<Double> {
    let values = lines.flatMap { $0.points.map(\.x) } + xTicks.map(\.value)
    let low = values.min() ?? 0
    return low...max(values.max() ?? 1, low + 1e-9)
  }

  private var yBounds: ClosedRange<Double> {
    let low = yTicks.first?.value ?? 0
    return low...max(yTicks.last?.value ?? 1, low + 1e-9)
  }

  /// The chart with its legend.
  var svg: String {
    let place = Placement(xBounds, yBounds, isLogarithmic: isLogarithmic)
    var text = "<figure>\n<figcaption>\(HTML.escaped(label))<span class=\"legend\">"
    for line in lines where lines.count > 1 {
      text += "<span class=\"\(line.style)\"><i></i>\(HTML.escaped(line.name))</span>"
    }
    text += "</span></figcaption>\n<svg viewBox=\"0 0 480 260\" role=\"img\" aria-label=\""
    text += "\(HTML.escaped(label))\">\n"
    for tick in yTicks {
      let y = place.y(tick.value)
      text += "<line class=\"grid\" x1=\"58\" x2=\"454\" y1=\"\(y)\" y2=\"\(y)\"/>"
      text += "<text class=\"end\" x=\"52\" y=\"\(y)\" dy=\".35em\">\(tick.label)</text>\n"
    }
    for tick in xTicks {
      let x = place.x(tick.value)
      text += "<text class=\"mid\" x=\"\(x)\" y=\"250\">\(tick.label)</text>\n"
    }
    for line in lines { text += path(line, place) }
    text += columns(place)
    return text + "</svg>\n</figure>\n"
  }

  private func path(_ line: Line, _ place: Placement) -> String {
    guard let first = line.points.first, let last = line.points.last else { return "" }
    let points = line.points.map { "\(place.x($0.x)) \(place.y($0.y))" }.joined(separator: "L")
    var text = ""
    if line.isFilled {
      let base = Placement.text(Self.height - Self.bottom)
      text += "<path class=\"area \(line.style)\" d=\"M\(place.x(first.x)) \(base)L\(points)"
      text += "L\(place.x(last.x)) \(base)Z\"/>\n"
    }
    if line.points.count == 1 {
      return text
        + "<circle class=\"dot \(line.style)\" cx=\"\(place.x(first.x))\" cy=\"\(place.y(first.y))\" r=\"3\"/>\n"
    }
    return text + "<path class=\"line \(line.style)\" d=\"M\(points)\"/>\n"
  }

  /// Bands that say, when pointed at, what stands there.
  private func columns(_ place: Placement) -> String {
    guard let first = lines.first, first.points.count <= Self.columnsMax else { return "" }
    var text = ""
    let step = (Self.width - Self.left - Self.right) / Double(max(first.points.count, 1))
    for (index, point) in first.points.enumerated() {
      let values = lines.compactMap { line in
        index < line.points.count ? "\(line.name) \(yFormat(line.points[index].y))" : nil
      }
      let title = ([xFormat(point.x)] + values).joined(separator: "\n")
      let x = Placement.text(place.xNumber(point.x) - step / 2)
      text += "<rect class=\"band\" x=\"\(x)\" y=\"12\" width=\"\(Placement.text(step))\" "
      text += "height=\"218\"><title>\(HTML.escaped(title))</title></rect>\n"
    }
    return text
  }

  /// Values to places in the picture.
  private struct Placement {
    private let xBounds: ClosedRange<Double>
    private let yBounds: ClosedRange<Double>
    private let isLogarithmic: Bool

    init(_ x: ClosedRange<Double>, _ y: ClosedRange<Double>, isLogarithmic: Bool) {
      xBounds = x
      yBounds = y
      self.isLogarithmic = isLogarithmic
    }

    func xNumber(_ value: Double) -> Double {
      let share = (value - xBounds.lowerBound) / (xBounds.upperBound - xBounds.lowerBound)
      return Chart.left + share * (Chart.width - Chart.left - Chart.right)
    }

    func x(_ value: Double) -> String { Self.text(xNumber(value)) }

    func y(_ value: Double) -> String {
      let bounds =
        isLogarithmic
        ? Logarithm.base10(yBounds.lowerBound)...Logarithm.base10(yBounds.upperBound) : yBounds
      let number = isLogarithmic ? Logarithm.base10(max(value, yBounds.lowerBound)) : value
      let share = (number - bounds.lowerBound) / (bounds.upperBound - bounds.lowerBound)
      let clipped = min(max(share, 0), 1)
      return Self.text(
        Chart.height - Chart.bottom - clipped * (Chart.height - Chart.top - Chart.bottom))
    }

    static func text(_ value: Double) -> String { Quantity.fixed(value, decimals: 1) }
  }
}
