module ambit.dev/lab/caller

go 1.25.0
