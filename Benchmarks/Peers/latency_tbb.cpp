// Time until a sleeping oneTBB arena begins a task, and until its caller knows that it ended: what `tributary-bench latency` measures.
// Build: g++ -O3 -march=native -std=c++17 latency_tbb.cpp -o latency_tbb -ltbb -pthread   (Debian: libtbb-dev)
// Usage: latency_tbb THREADS [SAMPLES [PAUSE_MS]]      One JSON row per measurement on standard output.
// oneTBB's workers look for work for some milliseconds before they sleep, so that the pause before a sample decides what is measured.
#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/task_arena.h>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <future>
#include <thread>
#include <vector>

using Clock = std::chrono::steady_clock;

static double processor_seconds() {
    timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return double(t.tv_sec) + double(t.tv_nsec) * 1e-9;
}

static void print(const char* what, int threads, std::vector<double>& us) {
    std::sort(us.begin(), us.end());
    std::printf("{\"system\": \"onetbb\", \"what\": \"%s\", \"threads\": %d, \"median_us\": %.2f, \"p99_us\": %.2f, \"samples\": %zu}\n", what,
                threads, us[us.size() / 2], us[us.size() * 99 / 100], us.size());
    std::fflush(stdout);
}

int main(int argc, char** argv) {
    int threads = std::atoi(argv[1]), samples = argc > 2 ? std::atoi(argv[2]) : 2000;
    int pause_ms = argc > 3 ? std::atoi(argv[3]) : 1;
    oneapi::tbb::global_control limit(oneapi::tbb::global_control::max_allowed_parallelism, threads);
    // One place of the arena is kept for callers by default: here all are for workers, since enqueue does not join in.
    oneapi::tbb::task_arena arena(threads, 0);
    std::vector<double> start, end;
    for (int sample = 0; sample < samples; sample++) {
        std::this_thread::sleep_for(std::chrono::milliseconds(pause_ms));
        std::promise<Clock::time_point> began;
        auto future = began.get_future();
        auto called = Clock::now();
        arena.enqueue([&] { began.set_value(Clock::now()); });
        auto at = future.get();
        auto returned = Clock::now();
        start.push_back(std::chrono::duration<double, std::micro>(at - called).count());
        end.push_back(std::chrono::duration<double, std::micro>(returned - called).count());
    }
    print("enqueue-start", threads, start);
    print("enqueue-return", threads, end);
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    double before = processor_seconds();
    std::this_thread::sleep_for(std::chrono::seconds(2));
    std::printf("{\"system\": \"onetbb\", \"what\": \"idle-cpu\", \"threads\": %d, \"idle_cpu_ms\": %.3f}\n", threads, (processor_seconds() - before) / 2 * 1e3);
}
