# shellcheck shell=bash
# What scripts/test is made of. A tier is a function tier_NAME, which leaves its counts in
# $REPORTS/NAME/*.xml (JUnit). A C program of many cases counts as one test.

# shellcheck disable=SC2034
TIERS=(c asan e2e crash real images)
# shellcheck disable=SC2034
LONG_TIERS=(tidy wide e2e-asan crash-asan tsan debian13 real-crash real-asan)

C_TESTS='^(unit|contract|sim)-' # the others judge the text of the sources: once is enough
ENGINES='^engines$'             # label of the C tests that need real engines

tier= # the one that runs, set by scripts/test

build() {
    interruptible "$ROOT/scripts/lib/build.sh" "$@"
}

# scripts/run, which the end-to-end tests start, serves the release build.
build_for_e2e() {
    build "$1" && build release user-svc order-svc dev-broker
}

# run_ctest PRESET CTEST-OPTION…
run_ctest() {
    local preset=$1
    shift
    interruptible ctest --test-dir "$ROOT/build/$preset" --parallel "$(nproc)" --no-tests=error \
        --output-on-failure --output-junit "$REPORTS/$tier/ctest.xml" "$@"
}

# run_pytest PRESET FOLDER…
run_pytest() {
    local preset=$1
    shift
    interruptible env PRODUCT_BIN="$ROOT/build/$preset/bin" /usr/bin/python3 -B -m pytest \
        "${@/#/$ROOT/tests/}" --color=no --durations=10 --junitxml="$REPORTS/$tier/pytest.xml"
}

tier_c() { build dev && run_ctest dev --label-exclude "^(tidy|wide)\$|$ENGINES"; }
tier_asan() { build asan && run_ctest asan --tests-regex "$C_TESTS" --label-exclude "$ENGINES"; }
tier_e2e() { build_for_e2e dev && run_pytest dev tools e2e; }
# By buildah, on a base from the machine's own mirror (needs root).
tier_images() {
    interruptible env K8S_LAB_CACHE="${K8S_LAB_CACHE:-$HOME/.cache/k8s-lab}" /usr/bin/python3 -B \
        -m pytest "$ROOT/tests/images" --color=no --junitxml="$REPORTS/$tier/pytest.xml"
}
tier_crash() { build dev && run_pytest dev crash; }

tier_tidy() { build dev && run_ctest dev --label-regex "^tidy\$"; }
tier_wide() { build dev && run_ctest dev --label-regex "^wide\$"; }
tier_e2e-asan() { build_for_e2e asan && run_pytest asan e2e; }
tier_crash-asan() { build asan && run_pytest asan crash; }
tier_tsan() { build tsan && run_ctest tsan --tests-regex "$TSAN_TESTS"; }
tier_debian13() {
    debian13_root && debian13_test "$C_TESTS" "$REPORTS/$tier" --label-exclude "$ENGINES"
}

# One after the other: each case drops its database, and DocumentDB refuses a collection now and
# then that is made while another program's is.
run_engines() {
    run_ctest "$1" --parallel 1 --label-regex "$ENGINES"
}

# On the engines of scripts/stack: the ports' contracts, and the product as a whole.
tier_real() {
    local code=0
    stack_up && build_for_e2e dev || return 1
    run_engines dev || code=1
    run_pytest dev tools \
        e2e/{event,kafka,newman,parallel,bad_input,first_start,hanging_store}_test.py \
        e2e/{admin,authorization,leaks,recovery,refresh}_test.py || code=1
    return "$code"
}
tier_real-crash() { stack_up && build dev && run_pytest dev crash; }
tier_real-asan() { stack_up && build asan && run_engines asan; }

# Where threads meet. SQLite and librdkafka carry no instrumentation, so suites over them would
# report races that are none.
TSAN_TESTS='^unit-.*-(lane|server|scheduler_loop|metrics|log|keys|service|throttle|stopper|store_watch|background)'
