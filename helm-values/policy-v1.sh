#!/bin/sh
# A post-renderer for Helm: the one line of cp-helm-charts that Kubernetes 1.25 and newer refuses.
exec sed 's#^apiVersion: policy/v1beta1$#apiVersion: policy/v1#'
