//! Where boxes and lines of a diagram go: layer by layer, as Sugiyama describes it.
//!
//! Crates that do this either take time that doubles with every branch of a flow, or say where boxes are and not how the
//! lines between them go around other boxes.

/// A line from one box to another.
#[derive(Debug, Clone)]
pub(super) struct Line {
    pub(super) from: usize,
    pub(super) to: usize,
    /// The width of its label; zero for none.
    pub(super) label: f64,
}

/// A point, right and down from the upper left corner.
pub(super) type Point = (f64, f64);

/// Where everything goes.
#[derive(Debug, Default)]
pub(super) struct Layout {
    /// The middle of each box.
    pub(super) boxes: Vec<Point>,
    pub(super) routes: Vec<Route>,
    pub(super) size: Point,
}

/// How a line goes.
#[derive(Debug, Default, Clone)]
pub(super) struct Route {
    /// The points that it goes through, up or down, in the direction of the line.
    pub(super) points: Vec<Point>,
    /// The middle of its label.
    pub(super) label: Point,
    /// Whether it leads from a box to the same box, around its right side.
    pub(super) is_loop: bool,
}

/// The space around the picture.
const MARGIN: f64 = 24.0;
/// The least space between neighbours of a layer.
const GAP: f64 = 22.0;
/// The space between layers.
const LAYER_GAP: f64 = 20.0;
/// The height of a label.
const LABEL: f64 = 18.0;
/// How far a line that leads back to its box goes aside.
pub(super) const LOOP: f64 = 26.0;
/// How often layers are put in order and moved into place.
const SWEEPS: usize = 8;

/// What stands in a layer: a box, or a line on its way.
#[derive(Debug, Clone, Copy)]
struct Vertex {
    width: f64,
    height: f64,
    is_box: bool,
    x: f64,
}

/// Finds a place for everything.
pub(super) fn lay_out(boxes: &[Point], lines: &[Line]) -> Layout {
    let mut plan = Plan::new(boxes, lines);
    plan.order();
    plan.place();
    plan.draw()
}

struct Plan<'a> {
    boxes: &'a [Point],
    lines: &'a [Line],
    /// Boxes first, then what lines need on their way.
    vertices: Vec<Vertex>,
    layers: Vec<Vec<usize>>,
    /// The layer of each vertex.
    layer: Vec<usize>,
    /// What each vertex is joined to, in the layer above and in the one below.
    above: Vec<Vec<usize>>,
    below: Vec<Vec<usize>>,
    /// The vertices of each line, from the top down.
    chains: Vec<Vec<usize>>,
    /// Whether a line leads up.
    upward: Vec<bool>,
}

impl<'a> Plan<'a> {
    fn new(boxes: &'a [Point], lines: &'a [Line]) -> Self {
        let (upward, order) = directions(boxes.len(), lines);
        let mut layer = vec![0; boxes.len()];
        let mut outward: Vec<Vec<usize>> = vec![Vec::new(); boxes.len()];
        for (number, line) in lines.iter().enumerate().filter(|(_, line)| line.from != line.to) {
            let (top, bottom) = if upward[number] { (line.to, line.from) } else { (line.from, line.to) };
            outward[top].push(bottom);
        }
        // Boxes stand in every second layer; labels have the ones between.
        for top in order {
            for bottom in &outward[top] {
                layer[*bottom] = layer[*bottom].max(layer[top] + 2);
            }
        }
        let vertices = boxes.iter().map(|(width, height)| Vertex {
            width: *width,
            height: *height,
            is_box: true,
            x: 0.0,
        });
        let mut plan = Self {
            boxes,
            lines,
            vertices: vertices.collect(),
            layers: vec![Vec::new(); layer.iter().max().map_or(0, |last| last + 1)],
            above: vec![Vec::new(); boxes.len()],
            below: vec![Vec::new(); boxes.len()],
            chains: Vec::with_capacity(lines.len()),
            layer,
            upward,
        };
        for number in 0..boxes.len() {
            plan.layers[plan.layer[number]].push(number);
        }
        for (number, line) in lines.iter().enumerate() {
            plan.chain(number, line);
        }
        plan
    }

    /// Puts a vertex of a line into each layer that it crosses.
    fn chain(&mut self, number: usize, line: &Line) {
        if line.from == line.to {
            // Room on both sides keeps the box in the middle.
            self.vertices[line.from].width += 2.0 * (LOOP + line.label);
            return self.chains.push(Vec::new());
        }
        let upward = self.upward[number];
        let (top, bottom) = if upward { (line.to, line.from) } else { (line.from, line.to) };
        let (first, last) = (self.layer[top] + 1, self.layer[bottom]);
        // A label stands where its line begins.
        let labelled = if upward { last - 1 } else { first };
        let mut chain = vec![top];
        for layer in first..last {
            let has_label = layer == labelled && line.label > 0.0;
            let (width, height) = if has_label { (line.label, LABEL) } else { (0.0, 0.0) };
            self.vertices.push(Vertex { width, height, is_box: false, x: 0.0 });
            let vertex = self.vertices.len() - 1;
            self.layer.push(layer);
            self.layers[layer].push(vertex);
            self.above.push(Vec::new());
            self.below.push(Vec::new());
            chain.push(vertex);
        }
        chain.push(bottom);
        for pair in chain.windows(2) {
            self.below[pair[0]].push(pair[1]);
            self.above[pair[1]].push(pair[0]);
        }
        self.chains.push(chain);
    }

    /// Puts each layer in the order of what it is joined to, so that few lines cross.
    fn order(&mut self) {
        let mut position = vec![0.0; self.vertices.len()];
        let note = |layer: &[usize], position: &mut [f64]| {
            for (place, vertex) in layer.iter().enumerate() {
                position[*vertex] = as_length(place);
            }
        };
        self.layers.iter().for_each(|layer| note(layer, &mut position));
        for sweep in 0..SWEEPS {
            let down = sweep % 2 == 0;
            let neighbours = if down { &self.above } else { &self.below };
            let count = self.layers.len();
            for step in 0..count {
                let layer = &mut self.layers[if down { step } else { count - 1 - step }];
                let key = |vertex: usize| mean(&neighbours[vertex], &position).unwrap_or(position[vertex]);
                let mut keyed: Vec<(f64, usize)> =
                    layer.iter().map(|vertex| (key(*vertex), *vertex)).collect();
                keyed.sort_by(|one, other| one.0.total_cmp(&other.0));
                *layer = keyed.into_iter().map(|(_, vertex)| vertex).collect();
                note(layer, &mut position);
            }
        }
    }

    /// Moves each vertex toward what it is joined to, as far as its neighbours let it.
    fn place(&mut self) {
        let mut x = vec![0.0; self.vertices.len()];
        for layer in &self.layers {
            let mut edge = 0.0;
            for vertex in layer {
                let width = self.vertices[*vertex].width;
                x[*vertex] = edge + width / 2.0;
                edge += width + GAP;
            }
        }
        for sweep in 0..2 * SWEEPS {
            let down = sweep % 2 == 0;
            let count = self.layers.len();
            for step in 0..count {
                let layer = &self.layers[if down { step } else { count - 1 - step }];
                let wanted: Vec<f64> = layer
                    .iter()
                    .map(|vertex| {
                        let neighbours = if down { &self.above } else { &self.below };
                        // At last both sides count.
                        let near = mean(&neighbours[*vertex], &x);
                        let both = if sweep + 2 >= 2 * SWEEPS {
                            let far = if down { &self.below } else { &self.above };
                            mean(&far[*vertex], &x).zip(near).map(|(far, near)| f64::midpoint(far, near))
                        } else {
                            None
                        };
                        both.or(near).unwrap_or(x[*vertex])
                    })
                    .collect();
                for (vertex, place) in layer.iter().zip(spread(layer, &wanted, &self.vertices)) {
                    x[*vertex] = place;
                }
            }
        }
        for (vertex, x) in self.vertices.iter_mut().zip(x) {
            vertex.x = x;
        }
    }

    /// Turns layers into points.
    fn draw(&self) -> Layout {
        let left =
            self.vertices.iter().map(|vertex| vertex.x - vertex.width / 2.0).fold(f64::INFINITY, f64::min);
        let right = self.vertices.iter().map(|vertex| vertex.x + vertex.width / 2.0).fold(left, f64::max);
        let shift = MARGIN - if left.is_finite() { left } else { 0.0 };
        // The upper and the lower edge of each layer.
        let mut edges: Vec<Point> = Vec::with_capacity(self.layers.len());
        let mut edge = MARGIN;
        for layer in &self.layers {
            let height = layer.iter().map(|vertex| self.vertices[*vertex].height).fold(0.0, f64::max);
            edges.push((edge, edge + height));
            edge += height + LAYER_GAP;
        }
        let middle = |vertex: usize| {
            let (upper, lower) = edges[self.layer[vertex]];
            (self.vertices[vertex].x + shift, f64::midpoint(upper, lower))
        };
        let boxes: Vec<Point> = (0..self.boxes.len()).map(middle).collect();
        let tops = self.ports(|chain| (chain[chain.len() - 1], chain[chain.len() - 2]));
        let bottoms = self.ports(|chain| (chain[0], chain[1]));
        let mut routes = Vec::with_capacity(self.lines.len());
        for (number, (line, chain)) in self.lines.iter().zip(&self.chains).enumerate() {
            let [Some(top), Some(bottom)] = [chain.first(), chain.last()] else {
                let ((x, y), (width, _)) = (boxes[line.from], self.boxes[line.from]);
                let label = (x + width / 2.0 + LOOP + line.label / 2.0, y);
                routes.push(Route { points: vec![(x + width / 2.0, y)], label, is_loop: true });
                continue;
            };
            let half = |vertex: usize| self.boxes[vertex].1 / 2.0;
            let mut points =
                vec![(self.vertices[*top].x + shift + bottoms[number], boxes[*top].1 + half(*top))];
            let mut label = points[0];
            for vertex in &chain[1..chain.len() - 1] {
                let (upper, lower) = edges[self.layer[*vertex]];
                let (x, y) = middle(*vertex);
                if self.vertices[*vertex].width > 0.0 {
                    label = (x, y);
                }
                // Straight through the layer, past what stands there.
                if lower > upper {
                    points.extend([(x, upper), (x, lower)]);
                }
            }
            points.push((self.vertices[*bottom].x + shift + tops[number], boxes[*bottom].1 - half(*bottom)));
            if self.upward[number] {
                points.reverse();
            }
            routes.push(Route { points, label, is_loop: false });
        }
        let width = if left.is_finite() { right - left } else { 0.0 };
        Layout { boxes, routes, size: (width + 2.0 * MARGIN, edge - LAYER_GAP + MARGIN) }
    }

    /// Spreads the ends of lines over the side of their box: how far each is from its middle. `end` gives the box of a
    /// line and the vertex next to it.
    fn ports(&self, end: impl Fn(&[usize]) -> (usize, usize)) -> Vec<f64> {
        let mut sides: Vec<Vec<(f64, usize)>> = vec![Vec::new(); self.boxes.len()];
        for (number, chain) in self.chains.iter().enumerate().filter(|(_, chain)| !chain.is_empty()) {
            let (vertex, next) = end(chain);
            sides[vertex].push((self.vertices[next].x, number));
        }
        let mut found = vec![0.0; self.chains.len()];
        for (vertex, side) in sides.iter_mut().enumerate() {
            side.sort_by(|one, other| one.0.total_cmp(&other.0));
            let count = as_length(side.len());
            let room = (self.boxes[vertex].0 * 0.7).min(26.0 * (count - 1.0));
            for (place, (_, line)) in side.iter().enumerate() {
                if count > 1.0 {
                    found[*line] = room * (as_length(place) / (count - 1.0) - 0.5);
                }
            }
        }
        found
    }
}

/// Finds which lines have to lead up, because others lead down from where they end, and an order of the boxes in which
/// all others lead forward.
fn directions(boxes: usize, lines: &[Line]) -> (Vec<bool>, Vec<usize>) {
    #[derive(Clone, Copy, PartialEq)]
    enum Seen {
        Never,
        OnTheWay,
        Done,
    }
    let mut out: Vec<Vec<usize>> = vec![Vec::new(); boxes];
    for (number, line) in lines.iter().enumerate() {
        out[line.from].push(number);
    }
    let mut seen = vec![Seen::Never; boxes];
    let mut upward = vec![false; lines.len()];
    let mut finished = Vec::with_capacity(boxes);
    for first in 0..boxes {
        let mut way: Vec<(usize, usize)> = Vec::new();
        if seen[first] == Seen::Never {
            seen[first] = Seen::OnTheWay;
            way.push((first, 0));
        }
        while let Some((vertex, next)) = way.last_mut() {
            let Some(line) = out[*vertex].get(*next).copied() else {
                seen[*vertex] = Seen::Done;
                finished.push(*vertex);
                way.pop();
                continue;
            };
            *next += 1;
            let to = lines[line].to;
            match seen[to] {
                Seen::Never => {
                    seen[to] = Seen::OnTheWay;
                    way.push((to, 0));
                }
                Seen::OnTheWay => upward[line] = true,
                Seen::Done => {}
            }
        }
    }
    finished.reverse();
    (upward, finished)
}

/// Puts a layer as near as can be to where its vertices want to be, in their order and with space between: the least
/// squares of what is left, found by pooling neighbours that are in each other's way.
fn spread(layer: &[usize], wanted: &[f64], vertices: &[Vertex]) -> Vec<f64> {
    /// Vertices that stand side by side: the sum of where they want to be, their weight, how many.
    struct Pool {
        sum: f64,
        weight: f64,
        count: usize,
    }
    let mut offsets = Vec::with_capacity(layer.len());
    let mut edge = 0.0;
    for (place, vertex) in layer.iter().enumerate() {
        if place > 0 {
            edge += f64::midpoint(vertices[layer[place - 1]].width, vertices[*vertex].width) + GAP;
        }
        offsets.push(edge);
    }
    let mut pools: Vec<Pool> = Vec::with_capacity(layer.len());
    for (place, vertex) in layer.iter().enumerate() {
        // Lines on their way are pulled straight rather than boxes into line.
        let weight = if vertices[*vertex].is_box { 1.0 } else { 2.0 };
        let mut pool = Pool { sum: weight * (wanted[place] - offsets[place]), weight, count: 1 };
        while let Some(last) = pools.pop_if(|last| last.sum / last.weight > pool.sum / pool.weight) {
            pool = Pool {
                sum: pool.sum + last.sum,
                weight: pool.weight + last.weight,
                count: pool.count + last.count,
            };
        }
        pools.push(pool);
    }
    let starts = pools.iter().flat_map(|pool| std::iter::repeat_n(pool.sum / pool.weight, pool.count));
    starts.zip(offsets).map(|(start, offset)| start + offset).collect()
}

fn mean(vertices: &[usize], values: &[f64]) -> Option<f64> {
    let sum: f64 = vertices.iter().map(|vertex| values[*vertex]).sum();
    (!vertices.is_empty()).then(|| sum / as_length(vertices.len()))
}

#[expect(clippy::cast_precision_loss, reason = "a picture with 2^52 boxes is not drawn")]
fn as_length(count: usize) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::{Layout, Line, lay_out};

    fn drawn(boxes: usize, lines: &[(usize, usize)]) -> Layout {
        let lines: Vec<Line> =
            lines.iter().map(|(from, to)| Line { from: *from, to: *to, label: 30.0 }).collect();
        lay_out(&vec![(100.0, 40.0); boxes], &lines)
    }

    /// No two boxes share a point, and everything is inside of the picture.
    fn check(layout: &Layout) {
        for (number, (x, y)) in layout.boxes.iter().enumerate() {
            assert!(*x >= 50.0 && *y >= 20.0 && x + 50.0 <= layout.size.0 && y + 20.0 <= layout.size.1);
            for (other_x, other_y) in &layout.boxes[..number] {
                assert!((x - other_x).abs() >= 100.0 || (y - other_y).abs() >= 40.0, "{layout:?}");
            }
        }
        for (x, y) in layout.routes.iter().flat_map(|route| &route.points) {
            assert!(x.is_finite() && *x >= 0.0 && *x <= layout.size.0 && *y >= 0.0 && *y <= layout.size.1);
        }
    }

    #[test]
    fn a_line_of_boxes_is_straight() {
        let layout = drawn(4, &[(0, 1), (1, 2), (2, 3)]);
        check(&layout);
        assert!(
            layout.boxes.windows(2).all(|pair| (pair[0].0 - pair[1].0).abs() < 0.01 && pair[0].1 < pair[1].1)
        );
    }

    #[test]
    fn branches_stand_side_by_side() {
        let layout = drawn(4, &[(0, 1), (0, 2), (1, 3), (2, 3)]);
        check(&layout);
        assert!((layout.boxes[1].1 - layout.boxes[2].1).abs() < 0.01);
        assert!((layout.boxes[0].0 - layout.boxes[3].0).abs() < 0.01);
    }

    #[test]
    fn circles_and_loops_are_drawn() {
        let layout = drawn(3, &[(0, 1), (1, 2), (2, 0), (1, 1), (2, 2)]);
        check(&layout);
        assert!(layout.routes[3].is_loop && !layout.routes[2].is_loop);
        let back = &layout.routes[2].points;
        assert!(back[0].1 > back[back.len() - 1].1);
    }

    #[test]
    fn nothing_and_islands_can_be_drawn() {
        check(&drawn(0, &[]));
        check(&drawn(1, &[]));
        check(&drawn(5, &[(3, 3)]));
    }

    /// What takes other layouts time that doubles with every branch.
    #[test]
    fn many_branches_take_little_time() {
        let mut lines = Vec::new();
        for number in 0..200 {
            lines.extend([(3 * number, 3 * number + 1), (3 * number, 3 * number + 2)]);
            lines.extend([(3 * number + 1, 3 * number + 3), (3 * number + 2, 3 * number + 3)]);
        }
        check(&drawn(601, &lines));
    }
}
