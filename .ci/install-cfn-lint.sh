# CloudFormation's linter, for tests/platform: it judges templates as AWS would, informational rules included.
python_packages cfn-lint==1.58.0
