#!/bin/bash
# data: what the experiments train on, as --data wants it; sourced.
# shellcheck disable=SC2034 # what is set here is used there

# synthetic OBJECTIVE SEED: the paper's SYN-1 (linear) and SYN-2 (relu).
synthetic() { echo "synthetic:objective=$1,samples=10000,features=2000,noise=0.05,seed=$2"; }

# Fashion-MNIST in two classes, as the paper has MNIST: labels below 5, and the others.
images=/usr/share/datasets/fashion-mnist
fashion=train=$images/train-images-idx3-ubyte.gz,labels=$images/train-labels-idx1-ubyte.gz
fashion+=,test=$images/t10k-images-idx3-ubyte.gz,testlabels=$images/t10k-labels-idx1-ubyte.gz,bias=yes,split=5
