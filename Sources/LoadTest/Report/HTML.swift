/// The page that reports and comparisons share: one file, no scripts, nothing from outside.
enum HTML {
  static func escaped(_ text: String) -> String {
    text.reduce(into: "") { result, character in
      switch character {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      default: result.append(character)
      }
    }
  }

  /// A table whose first row is its head; cells are HTML already.
  static func table(_ rows: [[String]], style: String = "") -> String {
    var text = "<div class=\"scroll\"><table class=\"\(style)\">\n"
    for (index, row) in rows.enumerated() {
      let cell = index == 0 ? "th" : "td"
      text += "<tr>" + row.map { "<\(cell)>\($0)</\(cell)>" }.joined() + "</tr>\n"
    }
    return text + "</table></div>\n"
  }

  /// A figure that is seen first, with its name and a note.
  static func tile(
    _ name: String, _ value: String, _ note: String = "", style: String = ""
  )
    -> String
  {
    "<div class=\"tile \(style)\"><span>\(escaped(name))</span><b>\(escaped(value))</b>"
      + "<small>\(escaped(note))</small></div>\n"
  }

  static func page(title: String, _ body: String) -> String {
    """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>\(escaped(title))</title>
    <style>
    \(style)
    </style>
    </head>
    <body>
    <main>
    \(body)
    </main>
    </body>
    </html>

    """
  }

  private static let style = """
    :root {
      --page: #f5f6f8; --card: #fff; --ink: #14181f; --soft: #5b6472; --faint: #e3e6eb;
      --blue: #2468c9; --orange: #c2570c; --grey: #8a93a1; --red: #c22b36; --green: #1c7f4b;
    }
    @media (prefers-color-scheme: dark) {
      :root {
        --page: #101318; --card: #191d24; --ink: #eef1f5; --soft: #9aa4b2; --faint: #2b313b;
        --blue: #6ba4f2; --orange: #f0924c; --grey: #78818f; --red: #f2727b; --green: #5bc88f;
      }
    }
    * { box-sizing: border-box; }
    body {
      margin: 0; background: var(--page); color: var(--ink);
      font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
    }
    main { max-width: 1120px; margin: 0 auto; padding: 28px 16px 48px; }
    h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 4px; letter-spacing: -.01em;
      overflow-wrap: anywhere; }
    h2 { font-size: 1rem; margin: 28px 0 10px; }
    p { margin: 0; color: var(--soft); }
    .tiles { display: grid; gap: 12px; margin: 22px 0 12px;
      grid-template-columns: repeat(auto-fit, minmax(max(148px, 22%), 1fr)); }
    .tile, figure, .scroll { background: var(--card); border: 1px solid var(--faint);
      border-radius: 12px; }
    .tile { padding: 12px 14px; display: flex; flex-direction: column; }
    .tile span, .tile small { color: var(--soft); font-size: .8rem; }
    .tile b { font-size: 1.55rem; line-height: 1.3; letter-spacing: -.02em; }
    .bad b, td.bad, .worse { color: var(--red); }
    .good b, .better { color: var(--green); }
    .same { color: var(--soft); }
    .charts { display: grid; gap: 12px;
      grid-template-columns: repeat(auto-fit, minmax(min(100%, 420px), 1fr)); }
    figure { margin: 0; padding: 12px 14px 6px; }
    figcaption { font-weight: 600; font-size: .9rem; display: flex; flex-wrap: wrap;
      justify-content: space-between; gap: 2px 14px; }
    .legend { font-weight: 400; color: var(--soft); display: flex; gap: 14px; }
    .legend i { display: inline-block; width: 12px; height: 3px; border-radius: 2px;
      margin-right: 6px; vertical-align: middle; background: currentColor; }
    .legend span { color: var(--soft); }
    .legend .blue i { background: var(--blue); } .legend .orange i { background: var(--orange); }
    .legend .grey i { background: var(--grey); } .legend .red i { background: var(--red); }
    svg { width: 100%; height: auto; display: block; margin-top: 4px; }
    svg text { fill: var(--soft); font-size: 12.5px; font-variant-numeric: tabular-nums; }
    .end { text-anchor: end; } .mid { text-anchor: middle; }
    .grid { stroke: var(--faint); stroke-width: 1; }
    .line { fill: none; stroke-width: 2; stroke-linejoin: round; stroke-linecap: round; }
    .area { opacity: .13; }
    .line.blue { stroke: var(--blue); } .area.blue, .dot.blue { fill: var(--blue); }
    .line.orange { stroke: var(--orange); } .dot.orange { fill: var(--orange); }
    .line.grey { stroke: var(--grey); } .dot.grey { fill: var(--grey); }
    .line.red { stroke: var(--red); } .area.red, .dot.red { fill: var(--red); }
    .band { fill: transparent; } .band:hover { fill: var(--soft); opacity: .12; }
    .scroll { overflow-x: auto; padding: 4px 14px; }
    table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
    th, td { padding: 8px 14px 8px 0; text-align: right; white-space: nowrap; }
    th { font-weight: 500; color: var(--soft); font-size: .8rem; }
    th:first-child, td:first-child { text-align: left; }
    th:last-child, td:last-child { padding-right: 0; }
    tr + tr td { border-top: 1px solid var(--faint); }
    footer { margin-top: 24px; color: var(--soft); font-size: .8rem; }
    """
}
