import Testing

@testable import TributaryAutodiff

/// The printed plans of the seed example, word for word but for the peak and the scratch memory that it counts, which depends on the
/// kernels that the processor gets.
@Suite struct GoldenPlanTests {
  private func withoutPeak(_ text: String) -> String {
    text.replacing(/(peak|scratch) [0-9.]+ [kM]?B/) { "\($0.1) …" }
  }

  @Test func textOfTheSeedExample() throws {
    let plan = try Executable(graph: Model.seedDAG(5).graph).plan
    // The first line holds the fingerprint, which names the libraries of this machine.
    let lines = withoutPeak(plan.text).split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines[0] == "plan \(plan.fingerprint)")
    #expect(
      lines.dropFirst().joined(separator: "\n") == #"""
        1 tasks, 0 edges and 0 for memory, T₁ 2.6 µs, T∞ 2.6 µs, T₁/T∞ 1.00, peak … (arena 704 B for 673 B of values, state 256 B, feeds 384 B, scratch …)
        #0, 2.6 µs
          %7 matmul = matmul(%0, %6): f32[5, 1] at arena+256
          %8 matmul = matmul(%1, %7): f32[5, 1] at arena+320
          %9 add = add(%6, %8): f32[5, 1] at arena+320
          %10 add = add(%7, %9): f32[5, 1] at arena+320
          %11 matmul = matmul(%0, %10): f32[5, 1] at arena+384
          %12 norm = norm(%11): f32[] at fetches+0
          %13 gradient/equal = equal(%12, %4): bool[] at arena+640
          %14 gradient/where = where(%13, %3, %12): f32[] at arena+576
          %15 gradient/div = div(%2, %14): f32[] at arena+576
          %17 gradient/mul = mul(%11, %16): f32[5, 1] at arena+384
          %18 gradient/matmul = matmul(%17, %10): f32[5, 5] at arena+0
          %19 gradient/matmul = matmul(%0, %17): f32[5, 1] at arena+448
          %20 gradient/matmul = matmul(%19, %7): f32[5, 5] at arena+128
          %21 gradient/matmul = matmul(%1, %19, %19): f32[5, 1] at arena+512
          %22 sgd_update = sgd_update(%1, %20, %5): f32[5, 5] at store+128
          %23 gradient/matmul = matmul(%21, %6, %18): f32[5, 5] at arena+0
          %24 sgd_update = sgd_update(%0, %23, %5): f32[5, 5] at store+0

        """#)
  }

  @Test func dotOfTheSeedExample() throws {
    let plan = try Executable(
      graph: Model.seedDAG(5).graph, options: CompileOptions(granularity: .whole)
    ).plan
    #expect(
      withoutPeak(plan.dot) == #"""
        digraph plan {
          label="17 tasks, 27 edges and 1 for memory, T₁ 2.6 µs, T∞ 2.0 µs, T₁/T∞ 1.29, peak … (arena 448 B for 673 B of values, state 256 B, feeds 384 B, scratch …)";
          node [shape=box];
          t0 [label="#0 matmul\n257 ns"];
          t1 [label="#1 matmul\n257 ns"];
          t2 [label="#2 add\n53 ns"];
          t3 [label="#3 add\n53 ns"];
          t4 [label="#4 matmul\n257 ns"];
          t5 [label="#5 norm\n51 ns"];
          t6 [label="#6 gradient/equal\n50 ns"];
          t7 [label="#7 gradient/where\n51 ns"];
          t8 [label="#8 gradient/div\n51 ns"];
          t9 [label="#9 gradient/mul\n52 ns"];
          t10 [label="#10 gradient/matmul\n257 ns"];
          t11 [label="#11 gradient/matmul\n257 ns"];
          t12 [label="#12 gradient/matmul\n257 ns"];
          t13 [label="#13 gradient/matmul\n258 ns"];
          t14 [label="#14 sgd_update\n65 ns"];
          t15 [label="#15 gradient/matmul\n262 ns"];
          t16 [label="#16 sgd_update\n65 ns"];
          t0 -> t1;
          t1 -> t2;
          t0 -> t3;
          t2 -> t3;
          t3 -> t4;
          t4 -> t5;
          t5 -> t6;
          t5 -> t7;
          t6 -> t7;
          t7 -> t8;
          t4 -> t9;
          t8 -> t9;
          t3 -> t10;
          t9 -> t10;
          t9 -> t11;
          t0 -> t12;
          t11 -> t12;
          t10 -> t12 [style=dashed];
          t11 -> t13;
          t1 -> t14;
          t12 -> t14;
          t13 -> t14;
          t10 -> t15;
          t13 -> t15;
          t0 -> t16;
          t4 -> t16;
          t11 -> t16;
          t15 -> t16;
        }

        """#)
  }
}
