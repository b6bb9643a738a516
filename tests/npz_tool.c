/* For the test against numpy: writes files that numpy is to read, and prints how data files are read here. */
#include "unit/data_cases.h"

#include <stdio.h>

static void write_file(const char *folder, const char *name, const struct gsp_buffer *bytes)
{
    char path[1000];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "wb");
    if (!file || fwrite(bytes->data, 1, bytes->length, file) != bytes->length || fclose(file)) {
        perror(path);
        exit(EXIT_FAILURE);
    }
}

/* Values that both sides can work out: element i is i / 8 - 3; target i is i % 5. */
static int write_files(const char *folder)
{
    for (int wide = 0; wide < 2; wide++) {
        float narrow[12];
        double numbers[12], targets[4] = {0, 1, 2, 3};
        for (int i = 0; i < 12; i++) narrow[i] = (float)(numbers[i] = i / 8.0 - 3);
        struct gsp_dataset data = {.dtype = wide ? GSP_FLOAT64 : GSP_FLOAT32, .rows = 4, .columns = 3};
        data.features = wide ? (void *)numbers : (void *)narrow;
        data.targets = targets;
        struct gsp_buffer npz = {0}, npy = {0};
        if (gsp_dataset_write_npz(&data, wide, &npz, NULL) || gsp_npy_write(numbers, 12, wide ? 4 : 0, &npy))
            return EXIT_FAILURE;
        write_file(folder, wide ? "wide.npz" : "narrow.npz", &npz);
        write_file(folder, wide ? "matrix.npy" : "vector.npy", &npy);
        gsp_buffer_clear(&npz);
        gsp_buffer_clear(&npy);
    }
    return EXIT_SUCCESS;
}

static struct gsp_file read_file(const char *path)
{
    static uint8_t room[2][1 << 20];
    static int used;
    FILE *file = fopen(path, "rb");
    if (!file) {
        perror(path);
        exit(EXIT_FAILURE);
    }
    struct gsp_file bytes = {path, room[used % 2], fread(room[used % 2], 1, sizeof *room, file)};
    used++;
    fclose(file);
    return bytes;
}

static int print(const char *path, const char *labels)
{
    struct gsp_file file = read_file(path), label_file;
    struct gsp_dataset *data;
    struct gsp_error error;
    const struct gsp_data_options options = {0};
    if (labels) label_file = read_file(labels);
    if (gsp_dataset_read(&data, &file, labels ? &label_file : NULL, &options, &error)) {
        fprintf(stderr, "%s\n", error.message);
        return EXIT_FAILURE;
    }
    printf("%s %zu %zu\n", data->dtype == GSP_FLOAT32 ? "float32" : "float64", data->rows, data->columns);
    for (size_t row = 0; row < data->rows; row++) {
        for (size_t j = 0; j < data->columns; j++) printf("%.17g ", feature(data, row, j));
        printf("%.17g\n", data->targets[row]);
    }
    gsp_dataset_free(data);
    return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "write") == 0) return write_files(argv[2]);
    if ((argc == 3 || argc == 4) && strcmp(argv[1], "print") == 0) return print(argv[2], argv[3]);
    fprintf(stderr, "usage: npz-tool write FOLDER | print FILE [LABELS]\n");
    return EXIT_FAILURE;
}
